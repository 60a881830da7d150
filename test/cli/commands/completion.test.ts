import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { completionScript } from "../../../cli/commands/completion/completion.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { runInProcess } from "../run-cli.ts";

/** A program with subcommands, options with values and choices, and quotes in descriptions. */
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

/** What bash offers for the last of the words. */
function completeInBash(script: string, words: string[]): string[] {
  const typed = words.map((word) => `'${word}'`).join(" ");
  const call = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _terminals; echo "\${COMPREPLY[*]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", `${script}\n${call}`], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split(" ").sort();
}

/** What bash offers for the last of the words of `npx …`. @param before Completes npx before the script is read. */
function completeNpx(script: string, words: string[], before = ""): string {
  const typed = words.map((word) => `'${word}'`).join(" ");
  const call = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _terminals_npx; echo "\${COMPREPLY[*]}"`;
  // Read twice, as in a shell whose start-up file is read again.
  const lines = `${before}\n${script}\n${script}\n${call}`;
  const { stdout, stderr } = spawnSync("bash", ["-c", lines], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim();
}

const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

test.skipIf(!has("bash"))("bash completes commands, subcommands, options and choices", () => {
  const completions: [string[], string][] = [
    [["terminals", "r"], "rotate"],
    [["terminals", "audit", ""], "show --help"],
    [["terminals", "audit", "show", "--s"], "--since"],
    [["terminals", "rotate", "--keys", ""], "hub flow"],
    [["terminals", "rotate", "example-1", "--y"], "--yes"],
    [["terminals", "rotate", "--out", "packag"], "package-lock.json package.json"],
  ];
  for (const [words, expected] of completions) {
    const offered = completeInBash(completionScript(example(), "bash"), words);
    expect(offered, words.join(" ")).toEqual(expected.split(" ").sort());
  }
});

test.skipIf(!has("bash"))(
  "bash completes with the script that `npx terminals completion bash` writes",
  async () => {
    const { code, stdout } = await runInProcess(["completion", "bash"]);
    expect(code).toBe(0);
    expect(completeInBash(stdout, ["terminals", "rev"])).toEqual(["revoke"]);
    expect(completeInBash(stdout, ["terminals", "revoke", "--all"])).toEqual(["--all-customers"]);
    expect(completeInBash(stdout, ["terminals", "onboard", "--import", ""])).toEqual([
      "always",
      "auto",
      "never",
    ]);
  },
);

test.skipIf(!has("bash"))(
  "bash completes `npx terminals` as `terminals`, and other programs of npx as before",
  () => {
    const script = completionScript(example(), "bash");
    expect(completeNpx(script, ["npx", "terminals", "audit", "show", "--s"])).toBe("--since");
    expect(completeNpx(script, ["npx", "term"])).toBe("terminals");
    const before = "_npm() { COMPREPLY=(lint test); }; complete -F _npm npx";
    expect(completeNpx(script, ["npx", "terminals", "r"], before)).toBe("rotate");
    expect(completeNpx(script, ["npx", ""], before)).toBe("lint test");
  },
);

test("the script for zsh declares the array that it offers", () => {
  const script = completionScript(example(), "zsh");
  const [, offered] = /_describe -t commands terminals (\w+)/.exec(script) ?? [];
  expect(script).toContain(`local -a ${offered} valued\n`);
  expect(script).toContain(`${offered}=('audit:`);
});

test.for(["zsh", "fish", "powershell"])(
  "the script for %s contains every command, option and choice",
  (shell, { expect }) => {
    const script = completionScript(example(), shell);
    for (const word of ["audit", "show", "rotate", "since", "keys", "hub flow|hub'.*'flow", "yes"]) {
      expect(script).toMatch(new RegExp(word));
    }
    // A quote in a description is escaped.
    expect(script).toMatch(/don('\\''|\\'|'')t ask/);
  },
);

test.skipIf(!has("zsh"))("zsh parses its script", () => {
  const { status, stderr } = spawnSync("zsh", ["-n"], {
    input: completionScript(example(), "zsh"),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

/**
 * What an interactive zsh shows after the Tab key. A separate shell runs on a pseudo terminal of the module zsh/zpty.
 * @param lines What is typed, each with a text that zsh shows only if it completes the line.
 */
function completeInZsh(folder: string, script: string, lines: [typed: string, shown: string][]): void {
  const file = join(folder, "_terminals");
  writeFileSync(file, script);
  const typing = lines.map(
    ([typed, shown]) => `
zpty -w -n shell '${typed}'$'\\t'
zpty -r -m shell screen '*${shown}*' || exit 1
print -r -- 'completed: ${typed}'
zpty -w -n shell $'\\C-u'`,
  );
  const driver = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit && compinit -u -D; stty cols 200; LISTMAX=1000; source ${file}; print REA""DY'
zpty -r -m shell screen '*READY*'
${typing.join("\n")}
zpty -d shell`;
  const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", driver], {
    encoding: "utf8",
    timeout: 120_000,
    env: { PATH: process.env.PATH ?? "", HOME: folder, TERM: "xterm" },
  });
  expect(stdout.trim().split("\n"), stderr).toEqual(lines.map(([typed]) => `completed: ${typed}`));
}

test.skipIf(!has("zsh"))(
  "an interactive zsh completes commands, options and choices, also of npx",
  async () => {
    await using folder = await temporaryFolder();
    const { stdout } = await runInProcess(["completion", "zsh"]);
    completeInZsh(folder.path, stdout, [
      ["terminals rev", "terminals revoke"],
      ["terminals revoke --all", "--all-customers"],
      ["terminals onboard --import ", "always*auto*never"],
      ["terminals audit show --si", "--since"],
      ["npx terminals audit v", "audit verify"],
    ]);
  },
);

test.skipIf(!has("fish"))("fish completes commands, subcommands, options and choices", async () => {
  await using folder = await temporaryFolder();
  const file = folder.file("terminals.fish");
  writeFileSync(file, completionScript(example(), "fish"));
  const offered = (line: string) => {
    const script = `source ${file}; complete -C ${JSON.stringify(line)}`;
    const env = { ...process.env, HOME: folder.path };
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8", env });
    expect(stderr).toBe("");
    return stdout
      .trim()
      .split("\n")
      .map((entry) => entry.split("\t")[0]);
  };
  expect(offered("terminals r")).toEqual(["rotate"]);
  expect(offered("terminals audit s")).toEqual(["show"]);
  expect(offered("terminals audit show --s")).toEqual(["--since"]);
  expect(offered("terminals rotate --keys ")).toEqual(["flow", "hub"]);
  expect(offered("terminals rotate --y")).toEqual(["--yes"]);
});

test("any other shell is an error that names the supported shells", () => {
  expect(() => completionScript(example(), "tcsh")).toThrow('no completion script for the shell "tcsh"');
});
