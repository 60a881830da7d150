import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatDuration } from "../../../cli/terminal-ui/format.ts";
import { Progress } from "../../../cli/terminal-ui/progress.ts";

function stream(isTTY: boolean) {
  const through = new PassThrough() as unknown as NodeJS.WriteStream;
  through.isTTY = isTTY;
  return { through, written: () => String((through as unknown as PassThrough).read() ?? "") };
}

beforeEach(() => {
  vi.stubEnv("TERM", "xterm");
  vi.stubEnv("CI", "");
});
afterEach(() => vi.unstubAllEnvs());

test.each([
  ["TERM", "dumb"],
  ["CI", "true"],
])("on a terminal with %s=%s, progress is written as plain lines", (variable, value) => {
  vi.stubEnv(variable, value);
  const { through, written } = stream(true);
  const progress = new Progress({ total: 2, estimatedSeconds: 0, quiet: false, stream: through });
  progress.writeAbove(() => through.write("above\n"));
  progress.stop();
  expect(written()).toBe("0 of 2 terminals\nabove\n");
});

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

describe("the time to go of a run at a throttle of 100 a minute", () => {
  const start = (total: number) => {
    const estimatedSeconds = ((total - 100) / 100) * 60;
    const through = stream(false).through;
    return new Progress({ total, estimatedSeconds, perMinute: 100, quiet: true, stream: through });
  };
  const count = (progress: Progress, number: number, isFree = false) => {
    for (let done = 0; done < number; done++) progress.count({ hasFailed: false, isFree });
  };

  test("is the throttle's after the quick first minute, and the line says that it waits", () => {
    const progress = start(400);
    count(progress, 100);
    expect(progress.line(Date.now() + 1_000)).toMatch(/, about 3 min left$/);
    expect(progress.line(Date.now() + 40_000)).toMatch(/, about 2 min left, waiting for the hub's throttle$/);
    progress.stop();
  });

  test("is that of the rate where the service applies no throttle", () => {
    const progress = start(1_000);
    count(progress, 500);
    expect(progress.line(Date.now() + 1_500)).toMatch(/, about [12] s left$/);
    progress.stop();
  });

  test("leaves out terminals that are unchanged", () => {
    const progress = start(1_000);
    count(progress, 900, true);
    expect(progress.line(Date.now() + 1_000)).toMatch(
      /^900 of 1000 terminals, \d+ per second, about 1 s left$/,
    );
    progress.stop();
  });
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
