import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { formatDuration } from "../../../cli/terminal-ui/format.ts";
import { Progress } from "../../../cli/terminal-ui/progress.ts";

function stream(isTTY: boolean) {
  const through = new PassThrough() as unknown as NodeJS.WriteStream;
  through.isTTY = isTTY;
  return { through, written: () => String((through as unknown as PassThrough).read() ?? "") };
}

test("progress shows the rate, the estimated time left and the failures", () => {
  const { through } = stream(false);
  const progress = new Progress({ total: 100, estimatedSeconds: 600, quiet: true, stream: through });
  expect(progress.line()).toBe("0 of 100 terminals, about 10 min left");
  for (let done = 0; done < 50; done++) progress.count({ hasFailed: done === 7 });
  expect(progress.line(Date.now() + 10_000)).toMatch(
    /^50 of 100 terminals, [45]\.\d per second, about 1[01] s left, 1 failed$/,
  );
  progress.stop();
});

test("progress redraws one line on a terminal, writes plain lines elsewhere, and nothing when quiet", () => {
  const options = { total: 3, estimatedSeconds: 0 };
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

test("a progress line that is longer than the terminal is wide is cut, so that it stays one line", () => {
  const narrow = stream(true);
  narrow.through.columns = 20;
  new Progress({ total: 1_000_000, estimatedSeconds: 60, quiet: false, stream: narrow.through }).stop();
  expect(narrow.written()).toBe("\r\u001b[K0 of 1000000 termi…\r\u001b[K");
});

test.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [600, "10 min"],
  [9_000, "2.5 h"],
])("formats %d seconds as %s", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});
