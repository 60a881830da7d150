import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Report } from "../../../tools/judge/report/report.ts";
import { startDeployedStack } from "../../support/deployed-stack.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { type Outcome, outcome, startProgram } from "../../support/processes.ts";
import { type Change, changeFiles, copyProgram, restoreFiles } from "../../support/program-copy.ts";
import { projectRoot } from "../../support/project-root.ts";
import { TestStack } from "../../support/test-stack.ts";
import { problemsOf } from "./json-schema.ts";
import { startJudge } from "./run-judge.ts";

/*
 * `npm run judge` on a copy of the program, with and without a change. The copy is no Git repository, so nothing is
 * compared with a base branch: see comparison.test.ts.
 */

let shared: TemporaryFolder;
let project: string;
beforeAll(async () => {
  shared = await temporaryFolder();
  project = copyProgram(shared.file("project"));
});
afterAll(() => shared?.[Symbol.asyncDispose]());

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const judge = (project: string, ...args: string[]): Promise<Outcome> =>
  startJudge(folder.path, project, ...args).ended;

/** The temporary folders that the policy check has not deleted. */
const leftovers = () => readdirSync(folder.path).filter((name) => name.startsWith("terminal-fleet"));

test("the unchanged program violates no rule in any stack that has settings, and nothing is left behind", async () => {
  const { code, output } = await judge(project);
  expect(output).toMatch(/^dev: no rule is violated$/m);
  expect(output).toMatch(/^prod: no rule is violated$/m);
  // Every value was known.
  expect(output).not.toContain("stack-preview-unknown-values");
  expect(output).toMatch(/^Judge: passed$/m);
  expect(code).toBe(0);
  expect(leftovers()).toEqual([]);
});

/** Changes that the preview of a new stack cannot detect, each with the rule that must reject it. */
const undetectedInPreview: Record<string, Change & { rule: string }> = {
  "forwards a terminal's key to the backend": {
    file: "components/flow-policy.ts",
    from: '    <set-header name="X-Terminal-Key" exists-action="delete" />\n',
    to: "",
    rule: "api-management-api-policy-allowlist",
  },
  "assigns a role on the resource group instead of a resource": {
    file: "components/operator-roles.ts",
    from: 'key: "hub-reader",\n      scope: args.hubId,',
    to: 'key: "hub-reader",\n      scope: (args.hubId as pulumi.Output<string>).apply((id) => id.split("/providers/")[0]!),',
    rule: "role-assignment-least-privilege",
  },
  "accepts keys for the service API of the IoT Hub": {
    file: "components/terminal-hub.ts",
    from: "disableLocalAuth: true",
    to: "disableLocalAuth: false",
    rule: "iot-hub-no-local-auth",
  },
};

describe("with such changes for all stacks, and a setting of prod that the program does not accept,", () => {
  let code: number | null;
  let output: string;
  beforeAll(async () => {
    await using temporary = await temporaryFolder();
    const wrongSetting = { file: "Pulumi.prod.yaml", from: "hubSku: S2", to: "hubSku: S9" };
    const changes = [...Object.values(undetectedInPreview), wrongSetting];
    changeFiles(project, ...changes);
    try {
      ({ code, output } = await startJudge(temporary.path, project).ended);
    } finally {
      restoreFiles(project, ...changes);
    }
  });

  test("changes that the preview of a new stack cannot detect are refused, each by its rule", () => {
    expect(output).toMatch(/^dev: REFUSED$/m);
    for (const [change, { rule }] of Object.entries(undetectedInPreview)) {
      expect(output, `a change that ${change}`).toContain(`[failure] [severity: critical] ${rule}: `);
    }
    expect(code).toBe(1);
  });

  test("a program that fails is reported as not deployed with the reason, and not as a violation", () => {
    const ofProd = output.slice(output.search(/^prod: /m));
    expect(ofProd).toMatch(/^prod: NOT DEPLOYED/);
    expect(ofProd).toContain('terminal-fleet:hubSku is "S9"; allowed: S1, S2, S3');
    expect(output).not.toMatch(/^prod: REFUSED/m);
    for (const { rule } of Object.values(undetectedInPreview)) expect(ofProd).not.toContain(`] ${rule}: `);
  });
});

test("an interrupted check reports no result for the unfinished stack, and leaves nothing behind", async () => {
  const { child, ended } = startJudge(folder.path, project);
  // The first output is the result for dev; prod follows.
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { code, output } = await ended;
  expect(output).toMatch(/^dev: no rule is violated$/m);
  expect(output).not.toMatch(/REFUSED|NOT DEPLOYED|prod: no rule/);
  expect(code).toBe(130);
  expect(leftovers()).toEqual([]);
});

test("a stack without settings is a usage error that names the stacks with settings", async () => {
  const { code, output } = await judge(projectRoot, "staging");
  expect(output).toContain("No settings file for staging. Stacks with a settings file: dev, prod.");
  expect(code).toBe(2);
});

test("--help describes the exit codes, and an unknown option is a usage error", async () => {
  const help = await judge(projectRoot, "--help");
  expect(help.output).toContain("Exit codes: 0");
  expect(help.code).toBe(0);
  const wrong = await judge(projectRoot, "--stack");
  expect(wrong.output).toContain("unknown option '--stack'");
  expect(wrong.code).toBe(2);
});

/** `npm run pulumi -- ARGS` and `npm run policy -- ARGS`, as the deployer. */
const npmRun = (stack: TestStack, script: "pulumi" | "policy", ...args: string[]): Promise<Outcome> => {
  const settings = join(stack.folder, `Pulumi.${stack.stack}.yaml`);
  const stackArgs = ["--non-interactive", "--stack", stack.stack, "--config-file", settings];
  const env = stack.env("deployer");
  const program = script === "policy" ? "tools/judge/policy.ts" : "tools/pulumi-cli/cli.ts";
  const first = script === "policy" ? [] : [script];
  return outcome(startProgram(program, [...first, ...args, ...stackArgs], { env }));
};

test("the preview of a new stack names what it could not check", async () => {
  await using stack = await TestStack.start();
  const { code, output } = await npmRun(stack, "policy");
  expect(code).toBe(0);
  expect(output).toContain("[advisory] [severity: low]  stack-preview-unknown-values");
  expect(output).toContain("value of flow-policy");
});

test("every deployment runs the policy pack, and the preview of a deployed stack ends in a report, which names what an update would replace", async () => {
  await using stack = await startDeployedStack();
  const deployed = await npmRun(stack, "pulumi", "up", "--yes", "--skip-preview");
  expect(deployed.output).toContain("✅ terminal-fleet");
  const target = join(stack.folder, "report");
  const same = await npmRun(stack, "policy", "--report", target);
  expect(same.output).toMatch(/^Judge: passed$/m);
  // Every value is known. The rules check the declared inputs, not what Azure answered.
  expect(same.output).toContain("✅ terminal-fleet");
  expect(same.output).not.toContain("stack-preview-unknown-values");
  expect(same.code).toBe(0);
  const read = () => JSON.parse(readFileSync(join(target, "report.json"), "utf8")) as Report;
  expect(problemsOf("tools/judge/report/report.schema.json", read())).toEqual([]);
  expect(read().environments[0]?.changes).toEqual([]);

  const settings = join(stack.folder, "Pulumi.dev.yaml");
  const text = readFileSync(settings, "utf8");
  writeFileSync(settings, text.replace("config:\n", "config:\n  terminal-fleet:fileRecoveryDays: 3\n"));
  const changed = await npmRun(stack, "policy", `--report=${target}`);
  expect(changed.output).toContain("deleteRetentionPolicy.days falls from 7 to 3.");
  expect(changed.code).not.toBe(0);
  expect(read().findings.map(({ rule }) => rule)).toContain("change-shorter-retention");

  writeFileSync(settings, "no settings");
  const failed = await npmRun(stack, "policy", "--report", target);
  expect(read().verdict).toBe("failed");
  expect(failed.code).not.toBe(0);
});

test("--report without a folder is a usage error of the preview", async () => {
  const { code, output } = await outcome(startProgram("tools/judge/policy.ts", ["--report"], {}));
  expect(output).toContain("--report needs a folder");
  expect(code).toBe(2);
});
