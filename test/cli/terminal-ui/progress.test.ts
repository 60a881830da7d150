import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { duration } from "../../../cli/terminal-ui/output.ts";
import { Progress } from "../../../cli/terminal-ui/progress.ts";

function stream(isTTY: boolean) {
  const through = new PassThrough() as unknown as NodeJS.WriteStream;
  through.isTTY = isTTY;
  return { through, written: () => String((through as unknown as PassThrough).read() ?? "") };
}

test("the rate, the time to go and the failures", () => {
  const { through } = stream(false);
  const progress = new Progress({ total: 100, firstGuessSeconds: 600, quiet: true, stream: through });
  expect(progress.line()).toBe("0 of 100 terminals, about 10 min to go");
  for (let done = 0; done < 50; done++) progress.count(done === 7);
  expect(progress.line(Date.now() + 10_000)).toMatch(
    /^50 of 100 terminals, [45]\.\d a second, about 1[01] s to go, 1 failed$/,
  );
  progress.stop();
});

test("one line drawn again on a terminal, plain lines elsewhere, nothing when quiet", () => {
  const options = { total: 3, firstGuessSeconds: 0 };
  const terminal = stream(true);
  new Progress({ ...options, quiet: false, stream: terminal.through }).stop();
  expect(terminal.written()).toBe("\r\u001b[K0 of 3 terminals\r\u001b[K");
  const plain = stream(false);
  new Progress({ ...options, quiet: false, stream: plain.through }).stop();
  expect(plain.written()).toBe("0 of 3 terminals\n");
  const quiet = stream(false);
  new Progress({ ...options, quiet: true, stream: quiet.through }).stop();
  expect(quiet.written()).toBe("");
});

test.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [600, "10 min"],
  [9_000, "2.5 h"],
])("%d seconds are %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
