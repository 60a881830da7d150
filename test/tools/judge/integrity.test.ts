import { readFileSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { changeFiles } from "../../support/program-copy.ts";
import { problemsOf } from "./json-schema.ts";
import { commitProgram, judgeChange, resetProgram, startJudgeWith } from "./run-judge.ts";

/* A change cannot pass by weakening what judges it. */

const require = createRequire(import.meta.url);

let shared: TemporaryFolder;
let project: string;
beforeAll(async () => {
  shared = await temporaryFolder();
  project = commitProgram(shared.file("project"));
});
afterAll(() => shared?.[Symbol.asyncDispose]());

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
  resetProgram(project);
});
afterEach(() => folder[Symbol.asyncDispose]());

const problems = (findings: { rule: string; problem: string }[], rule: string) =>
  findings.filter((finding) => finding.rule === rule).map(({ problem }) => problem);

test("an emptied pack is refused, and the report names the rules that are missing", async () => {
  changeFiles(project, { file: "policies/pack.ts", from: "toPolicies(rules,", to: "toPolicies([]," });
  const { code, failures } = await judgeChange(folder.path, project, "dev");
  expect(code).toBe(1);
  expect(problems(failures, "pack-has-every-rule")[0]).toMatch(
    /^The policy pack has 0 rules, and the base branch's has \d\d+\. Missing: .*iot-hub-no-local-auth/,
  );
  expect(problems(failures, "pack-ran")).toEqual(["The policy pack has no rule, so nothing was checked."]);
});

test("a deployment without the pack, an advisory rule and a removed rule are refused by name, in valid reports", async () => {
  changeFiles(
    project,
    {
      file: "tools/pulumi-cli/policy-pack.ts",
      from: 'return [...args.slice(0, index + 1), "--policy-pack", policyPack, ...args.slice(index + 1)];',
      to: "return args;",
    },
    {
      file: "policies/azure/rules/iot-hub/iot-hub-no-local-auth.ts",
      from: 'severity: "critical",',
      to: 'severity: "critical",\n  isAdvisory: true,',
    },
    { file: "policies/azure/rules.ts", from: "  iotHubMinimumTls,\n  iotHubNoC", to: "  iotHubNoC" },
    { file: "components/terminal-hub.ts", from: "disableLocalAuth: true", to: "disableLocalAuth: false" },
    { file: "components/terminal-hub.ts", from: 'minTlsVersion: "1.2"', to: 'minTlsVersion: "1.0"' },
  );
  const { code, failures, report } = await judgeChange(folder.path, project, "dev");
  expect(code).toBe(1);
  expect(problems(failures, "pack-is-passed")).toHaveLength(1);
  expect(problems(failures, "pack-rule-mandatory")).toEqual([
    "The rule iot-hub-no-local-auth was mandatory on the base branch, and only advises now.",
  ]);
  expect(problems(failures, "pack-has-every-rule")[0]).toContain("Missing: iot-hub-minimum-tls.");
  const advice = report.findings.find(({ rule }) => rule === "iot-hub-no-local-auth");
  expect(advice?.level).toBe("advisory");
  expect(advice?.found).toBe("false");
  expect(advice?.wanted).toBe("true");
  expect(advice?.location?.file).toBe("components/terminal-hub.ts");
  expect(advice?.calledFrom?.at(-1)?.file).toBe("index.ts");
  expect(problemsOf("tools/judge/report/report.schema.json", report)).toEqual([]);
  const sarif = JSON.parse(readFileSync(join(folder.path, "report", "report.sarif"), "utf8"));
  expect(
    problemsOf(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), sarif),
  ).toEqual([]);
});

test("the judged program sees nothing of the reviewer's environment, and reaches no host and no other program", async () => {
  // Without a base branch, which has no part in this.
  const repository = join(project, ".git");
  renameSync(repository, shared.file("repository"));
  onTestFinished(() => renameSync(shared.file("repository"), repository));
  changeFiles(project, {
    file: "index.ts",
    from: "const settings = readStackSettings();",
    to: `import { spawnSync } from "node:child_process";
import { connect } from "node:net";
const tried: string[] = [];
const attempt = (action: () => unknown) => {
  try {
    action();
    tried.push("done");
  } catch (error) {
    tried.push((error as Error).message);
  }
};
attempt(() => connect(443, "192.0.2.1"));
attempt(() => spawnSync("true"));
tried.push(String(process.env.REVIEWER_TOKEN), String(process.env.HOME));
throw new Error(tried.join("\\n"));
const settings = readStackSettings();`,
  });
  const env = { REVIEWER_TOKEN: "secret-of-the-reviewer" };
  const { code, output } = await startJudgeWith(env, folder.path, project, "dev").ended;
  expect(output).toContain("The judge refuses a connection to 192.0.2.1");
  expect(output).toContain("The judge refuses the process true");
  expect(output).not.toContain("secret-of-the-reviewer");
  expect(output).toContain(join("judged", "home"));
  expect(code).toBe(1);
});
