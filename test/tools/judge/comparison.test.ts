import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { changeFiles } from "../../support/program-copy.ts";
import { commitProgram, git, judgeChange, resetProgram, startJudge } from "./run-judge.ts";

/* The judge compares a change with its base branch, by deploying both into the sandbox. */

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

const urn = (type: string, name: string) =>
  `urn:pulumi:prod::terminal-fleet::terminal-fleet:components:${type}::${name}`;
const hub = urn("TerminalHub$azure-native:iothub:IotHubResource", "terminals-hub");
const blobService = urn("FileStorage$azure-native:storage:BlobServiceProperties", "files-blobs");

const stack = "urn:pulumi:prod::terminal-fleet::pulumi:pulumi:Stack::terminal-fleet-prod";

const newHubName = {
  file: "index.ts",
  from: 'names.of("iotHub", "terminals")',
  to: 'names.of("iotHub", "fleet")',
};
const withoutProtection = { file: "Pulumi.prod.yaml", from: "protect: true", to: "protect: false" };
const shorterRecovery = { file: "Pulumi.prod.yaml", from: "fileRecoveryDays: 14", to: "fileRecoveryDays: 1" };

test("a new hub name without protection and a retention of one day are refused, with what is lost first", async () => {
  changeFiles(project, newHubName, withoutProtection, shorterRecovery);
  const { code, report, failures, output } = await judgeChange(folder.path, project, "prod");
  expect(code).toBe(1);
  const rules = (resource: string) =>
    failures.filter((finding) => finding.resource?.urn === resource).map(({ rule }) => rule);
  expect(rules(hub)).toContain("change-replaced");
  expect(rules(blobService)).toContain("change-shorter-retention");
  expect(failures.map(({ rule }) => rule)).toContain("change-unprotected");
  const [environment] = report.environments;
  const [first] = environment?.changes ?? [];
  expect(first?.consequences[0]?.explanation).toContain("all device identities");
  expect(output).toContain("deleteRetentionPolicy.days falls from 14 to 1.");
  // What the operators' command line knows of the stack changes too.
  expect(rules(stack)).toContain("change-output");
  // The line that declared the resource, and the lines that called it.
  const replaced = failures.find(({ rule }) => rule === "change-replaced");
  expect(replaced?.location?.file).toBe("components/terminal-hub.ts");
  expect(readFileSync(join(folder.path, "report", "summary.md"), "utf8")).toMatch(
    /### Loses data, changes a known name or keeps less\n[\s\S]*not accepted[\s\S]*### Failures/,
  );
});

const acceptableRecovery = { ...shorterRecovery, to: "fileRecoveryDays: 10" };

test("a shorter retention that the same change accepts passes, beside an acceptance that an earlier change left", async () => {
  const entry = (what: string, urn = blobService) =>
    `- urn: ${urn}\n  what: ${what}\n  reason: Files are kept by the customers for 30 days.\n  until: 2099-12-31\n`;
  const file = join(project, "policies", "accepted-changes.yaml");
  const merged = readFileSync(file, "utf8").replace("[]\n", "") + entry("replaced");
  writeFileSync(file, merged);
  git(project, "commit", "--all", "--quiet", "--message=merged");
  changeFiles(project, acceptableRecovery);
  writeFileSync(file, merged + entry("shorter retention") + entry("output fileRecoveryDays", stack));
  const { code, failures, report } = await judgeChange(folder.path, project, "prod");
  expect(failures).toEqual([]);
  expect(code).toBe(0);
  const waived = report.findings.filter(({ level }) => level === "waived");
  expect(waived[0]?.waiver?.until).toBe("2099-12-31");
  expect(report.findings.map(({ rule }) => rule)).toContain("acceptance-left-over");
});

test("an unknown base is a usage error that names it", async () => {
  const unknown = await startJudge(folder.path, project, "dev", "--base", "no-such-branch").ended;
  expect(unknown.output).toContain("--base no-such-branch: the repository has no such commit.");
  expect(unknown.code).toBe(2);
});
