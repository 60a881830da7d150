import { spawnSync } from "node:child_process";
import { Command, Option } from "commander";
import { expect, test } from "vitest";
import { completionFor } from "../../terminals/cli/completion.ts";

/** A program with what the real one has: commands in commands, options with values and choices, quotes in texts. */
function example(): Command {
  const program = new Command("terminals");
  const audit = program.command("audit").description("the operators' record");
  audit.command("show").description("show it").option("--since <day>", "from this day on");
  program
    .command("rotate")
    .description("renew keys")
    .addOption(new Option("--keys <which>", "which keys").choices(["hub", "flow"]))
    .option("--out <folder>", "where files go")
    .option("--yes", "don't ask");
  return program;
}

const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

test.skipIf(!has("bash"))("bash completes commands, commands in commands, options and choices", () => {
  const asked: [string[], string][] = [
    [["terminals", "r"], "rotate"],
    [["terminals", "audit", ""], "show --help"],
    [["terminals", "audit", "show", "--s"], "--since"],
    [["terminals", "rotate", "--keys", ""], "hub flow"],
    [["terminals", "rotate", "example-1", "--y"], "--yes"],
    [["terminals", "rotate", "--out", "packag"], "package-lock.json package.json"],
  ];
  for (const [words, expected] of asked) {
    const typed = words.map((word) => `'${word}'`).join(" ");
    const script = `${completionFor(example(), "bash")}
COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _terminals; echo "\${COMPREPLY[*]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.trim().split(" ").sort().join(" "), words.join(" ")).toBe(
      expected.split(" ").sort().join(" "),
    );
  }
});

test.for(["zsh", "fish", "powershell"])(
  "%s is told every command, option and choice",
  (shell, { expect }) => {
    const script = completionFor(example(), shell);
    for (const word of ["audit", "show", "rotate", "since", "keys", "hub flow|hub'.*'flow", "yes"]) {
      expect(script).toMatch(new RegExp(word));
    }
    // A quote in a description ends no text.
    expect(script).toMatch(/don('\\''|\\'|'')t ask/);
  },
);

test.for([
  ["zsh", ["-n"]],
  ["fish", ["--no-execute"]],
] as const)("%s reads it", ([shell, args], { expect, skip }) => {
  if (!has(shell)) skip();
  const { status, stderr } = spawnSync(shell, args, {
    input: completionFor(example(), shell),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("another shell is an error that names those there are", () => {
  expect(() => completionFor(example(), "tcsh")).toThrow('there is no completion for "tcsh"');
});
