import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Mistake, type Outcome, outcome, projectRoot, TestStack } from "../support/stack.ts";

/* `npm run judge` as people and pipelines run it, on the program and on changes of it. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-judge-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function startJudge(project: string, ...args: string[]) {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(project, "tools", "policy-check", "judge.ts"), ...args],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TMPDIR: folder } },
  );
  return { child, ended: outcome(child) };
}

const judge = (project: string, ...args: string[]): Promise<Outcome> => startJudge(project, ...args).ended;

/** A copy of the project with one change of the program in it; the text must be there exactly once. */
function changedProject({ file, from, to }: Mistake): string {
  const project = join(folder, "project");
  for (const part of [
    ...["index.ts", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"],
    ...["settings", "components", "policies", "cli", "reference-terminal", "sandbox", "tools"],
  ]) {
    cpSync(join(projectRoot, part), join(project, part), { recursive: true });
  }
  symlinkSync(join(projectRoot, "node_modules"), join(project, "node_modules"), "junction");
  const text = readFileSync(join(project, file), "utf8");
  expect(text.split(from).length, `${file} must hold once: ${from}`).toBe(2);
  writeFileSync(
    join(project, file),
    text.replace(from, () => to),
  );
  return project;
}

test("the program is in order, for each stack that has settings, and nothing is left behind", async () => {
  const { code, output } = await judge(projectRoot);
  expect(output).toMatch(/^dev: every rule is kept$/m);
  expect(output).toMatch(/^prod: every rule is kept$/m);
  // Every value was known: nothing is said to be left.
  expect(output).not.toContain("stack-preview-unknown-values");
  expect(code).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith("terminal-fleet"))).toEqual([]);
});

/** Changes that the preview of a new stack does not see, each by what the verdict must say. */
const unseen: Record<string, Mistake & { says: string }> = {
  "lets a terminal's key through to the backend": {
    file: "components/flow-policy.ts",
    from: '    <set-header name="X-Terminal-Key" exists-action="delete" />\n',
    to: "",
    says: "api-management-api-policy-allowlist",
  },
  "gives a role on the whole resource group of a resource": {
    file: "components/operator-roles.ts",
    from: 'key: "hub-reader",\n      scope: args.hubId,',
    to: 'key: "hub-reader",\n      scope: (args.hubId as pulumi.Output<string>).apply((id) => id.split("/providers/")[0]!),',
    says: "role-assignment-least-privilege",
  },
  "opens the hub's service side to keys": {
    file: "components/terminal-hub.ts",
    from: "disableLocalAuth: true",
    to: "disableLocalAuth: false",
    says: "iot-hub-no-local-auth",
  },
};

test.each(Object.entries(unseen))("a change that %s is refused", async (_, { says, ...mistake }) => {
  const { code, output } = await judge(changedProject(mistake), "dev");
  expect(output).toMatch(/^dev: REFUSED$/m);
  expect(output).toMatch(new RegExp(`\\[mandatory\\] \\[severity: critical\\]  ${says} `));
  expect(code).toBe(1);
});

test("a program that fails is told so, with its reason, and not as a rule's verdict", async () => {
  const project = changedProject({ file: "Pulumi.dev.yaml", from: "hubSku: S1", to: "hubSku: S9" });
  const { code, output } = await judge(project, "dev");
  expect(output).toMatch(/^dev: NOT DEPLOYED/m);
  expect(output).toContain('terminal-fleet:hubSku is "S9"; allowed: S1, S2, S3');
  expect(output).not.toContain("REFUSED");
  expect(code).toBe(1);
});

test("what is interrupted is refused by nobody, and leaves nothing behind", async () => {
  const { child, ended } = startJudge(projectRoot);
  // Once the first stack is done, the second one is on.
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { code, output } = await ended;
  expect(output).toMatch(/^dev: every rule is kept$/m);
  expect(output).not.toMatch(/REFUSED|NOT DEPLOYED|prod: every/);
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((name) => name.startsWith("terminal-fleet"))).toEqual([]);
});

test("a stack without settings is told, with those that have some", async () => {
  const { code, output } = await judge(projectRoot, "staging");
  expect(output).toContain("no settings for staging; there are for dev, prod");
  expect(code).toBe(2);
});

test("help says what it does and how it ends, and a wrong option is told", async () => {
  const help = await judge(projectRoot, "--help");
  expect(help.output).toContain("Exit codes: 0");
  expect(help.code).toBe(0);
  const wrong = await judge(projectRoot, "--stack");
  expect(wrong.output).toContain("unknown option '--stack'");
  expect(wrong.code).toBe(2);
});

/** `npm run pulumi -- ARGS` and `npm run policy -- ARGS`, as the deployer. */
const npmRun = (stack: TestStack, script: "pulumi" | "policy", ...args: string[]): Promise<Outcome> =>
  outcome(
    spawn(
      process.execPath,
      [
        ...[join(projectRoot, "tools", "pulumi-cli", "cli.ts"), script, ...args, "--non-interactive"],
        ...["--stack", stack.stack, "--config-file", join(stack.folder, `Pulumi.${stack.stack}.yaml`)],
      ],
      { cwd: projectRoot, env: stack.env("deployer"), stdio: ["ignore", "pipe", "pipe"] },
    ),
  );

test("a preview of a new stack says what it left, and a deployment is judged without being asked for", async () => {
  const stack = await TestStack.start();
  try {
    const first = await npmRun(stack, "policy");
    expect(first.code).toBe(0);
    expect(first.output).toContain("[advisory] [severity: low]  stack-preview-unknown-values");
    expect(first.output).toContain("value of flow-policy");
    const deployed = await npmRun(stack, "pulumi", "up", "--yes", "--skip-preview");
    expect(deployed.output).toContain("✅ terminal-fleet");
    // Now everything is known, and is judged by what is asked for, not by what Azure made of it.
    const second = await npmRun(stack, "policy");
    expect(second.code).toBe(0);
    expect(second.output).toContain("✅ terminal-fleet");
    expect(second.output).not.toContain("stack-preview-unknown-values");
  } finally {
    await stack.stop();
  }
});
