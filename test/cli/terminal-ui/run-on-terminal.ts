import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const cli = join(import.meta.dirname, "../../../cli/main.ts");

/** Whether this computer can run a program on a pseudo terminal: with `script` of util-linux. */
export const hasTerminals =
  process.platform === "linux" &&
  /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Runs the command line on a pseudo terminal, as a person does.
 * @param options.answers Answers, each typed once its question is shown.
 * @param options.redirect Redirection of the shell after the command, for example `2>FILE`.
 */
export function runOnTerminal(
  args: string[],
  options: {
    env?: Record<string, string>;
    answers?: [question: string, answer: string][];
    redirect?: string;
  },
): Promise<{ code: number; shown: string }> {
  const command = [process.execPath, cli, ...args].map(quoted).join(" ");
  const child = spawn("script", ["-qefc", `${command} ${options.redirect ?? ""}`, "/dev/null"], {
    env: {
      PATH: process.env.PATH ?? "",
      SHELL: "/bin/sh",
      TERM: "dumb",
      TERMINALS_LANG: "en",
      ...options.env,
    },
  });
  const answers = [...(options.answers ?? [])];
  let shown = "";
  let from = 0;
  child.stdout.on("data", (data) => {
    shown += data;
    const [next] = answers;
    if (!next || shown.indexOf(next[0], from) < 0) return;
    from = shown.length;
    answers.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, shown: shown.replaceAll("\r\n", "\n") }));
  });
}
