import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isChanging } from "../../../cli/arguments/common-options.ts";
import { createProgram } from "../../../cli/commands/program.ts";
import { Output } from "../../../cli/terminal-ui/output.ts";
import { Prompt } from "../../../cli/terminal-ui/prompt.ts";

/** Parses a command line up to its action, and returns whether the command changes something. */
async function parseIsChanging(argv: string[]): Promise<boolean> {
  const stop = new Error("stopped before the action");
  let changing: boolean | undefined;
  const program = createProgram({
    signal: new AbortController().signal,
    output: new Output({ json: true }),
    prompt: new Prompt(),
  }).hook("preAction", (_, command) => {
    changing = isChanging(command);
    throw stop;
  });
  await expect(program.parseAsync(argv, { from: "user" })).rejects.toBe(stop);
  return changing as boolean;
}

test.each([
  [["onboard", "batch.csv", "--out", "out"]],
  [["revoke", "example-001", "--reason", "lost"]],
  [["reinstate", "example-001"]],
  [["retire", "example-001"]],
  [["replace", "example-001", "example-002"]],
  [["rotate", "example-001"]],
  [["send", "example-001", "employees.csv"]],
  [["request", "example-001", "terminal.log"]],
  [["files", "example-001", "--collect", "logs"]],
  [["files", "example-001", "--withdraw", "1"]],
  [["rotate-signing-key"]],
  [["clean-up"]],
])("%j changes something: it completes when its standard output is closed", async (argv) => {
  expect(await parseIsChanging(argv)).toBe(true);
});

test.each([
  [["open", "example-001.age"]],
  [["status"]],
  [["audit", "show"]],
  [["audit", "verify"]],
  [["files", "example-001"]],
  [["simulate", "example-001.age"]],
  [["doctor"]],
  [["completion", "bash"]],
])("%j is read-only: it stops when its standard output is closed", async (argv) => {
  expect(await parseIsChanging(argv)).toBe(false);
});

test("--help of the program and of a command loads no Azure SDK", () => {
  const main = join(import.meta.dirname, "../../../cli/main.ts");
  const logLoads = `import { registerHooks } from "node:module";
    registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) });`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(logLoads)}`, main];
  for (const command of [[], ["send"]]) {
    const { stdout, stderr } = spawnSync(process.execPath, [...args, ...command, "--help"], {
      encoding: "utf8",
    });
    expect(stdout).toContain("Usage: terminals");
    expect(stderr).toContain("/commander/");
    expect(stderr.split("\n").filter((url) => url.includes("/@azure/"))).toEqual([]);
  }
});
