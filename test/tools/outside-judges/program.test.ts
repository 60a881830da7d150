import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { DeclaredResources } from "../../../tools/export-arm/declared-resources.ts";
import { exportDeclared } from "../../../tools/export-arm/deploy-to-export.ts";
import { judgeFromOutside, type OutsideVerdict } from "../../../tools/outside-judges/outside-judges.ts";
import type { JudgeName } from "../../../tools/outside-judges/result.ts";
import { toScoreTables } from "../../../tools/outside-judges/score-tables.ts";
import { hasPython } from "../../sandbox/services/iot-hub/python-sdk.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { copyProgram } from "../../support/program-copy.ts";
import { projectRoot } from "../../support/project-root.ts";
import { declaredProgram } from "./declared-program.ts";

/* The judges from outside on the program and on a weakened copy of it, both deployed by the real engine. */

const page = join(projectRoot, "docs", "reference", "external-rules.md");
/** checkov needs Python. Without it, only the definitions of Azure Policy judge. */
const without: JudgeName[] = hasPython ? [] : ["checkov"];

let declared: Map<string, DeclaredResources>;
let verdict: OutsideVerdict;
beforeAll(async () => {
  declared = await declaredProgram();
  verdict = await judgeFromOutside(declared, { isComplete: true, without });
});

describe("the program", () => {
  test("meets every rule of others or has a waiver, and no waiver is expired or unused", () => {
    expect(verdict.findings.filter(({ level }) => level !== "waived")).toEqual([]);
    for (const { waiver } of verdict.findings) expect(waiver?.reason).toMatch(/^[A-Z]/);
  });

  test("is judged by the rules for its types, and a good part of them is met", () => {
    const azurePolicy = verdict.scores.find(({ name }) => name === "Azure Policy")!;
    expect(azurePolicy.rules).toBeGreaterThan(50);
    expect(azurePolicy.passed).toBeGreaterThan(2 * azurePolicy.waived);
    expect(azurePolicy.failed).toBe(0);
  });

  test.skipIf(!hasPython)(
    "docs/reference/external-rules.md has the scores of this run (needs Python)",
    async () => {
      const [before, after] = readFileSync(page, "utf8").split(
        /(?<=<!-- scores: begin -->\n)[\s\S]*(?=<!-- scores: end -->)/,
      );
      await expect(`${before}\n${toScoreTables(verdict)}\n\n${after}`).toMatchFileSnapshot(page);
    },
  );
});

/** Changes that weaken the program, with the rules and the resources that must fail. */
const weakenings = [
  {
    change: {
      file: "components/storage-account.ts",
      from: 'minimumTlsVersion: "TLS1_2"',
      to: 'minimumTlsVersion: "TLS1_0"',
    },
    rules: ["Azure Policy fe83a0eb", "CKV_AZURE_44"],
    resources: ["audit-account", "files-account", "flow-keys-account", "imports-account"],
  },
  {
    change: {
      file: "components/storage-account.ts",
      from: "allowBlobPublicAccess: false",
      to: "allowBlobPublicAccess: true",
    },
    rules: ["Azure Policy 4fa4b6c0"],
    resources: ["audit-account", "files-account", "flow-keys-account", "imports-account"],
  },
  {
    change: {
      file: "components/storage-account.ts",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: The text of the program's source.
      from: "`${args.sasExpirationDays}.00:00:00`",
      to: "`60.00:00:00`",
    },
    rules: ["Azure Policy 7aa1c9d5"],
    // The files account has a waiver for its 30 days.
    resources: ["audit-account", "flow-keys-account", "imports-account"],
  },
  {
    change: {
      file: "components/terminal-hub.ts",
      from: "disableLocalAuth: true",
      to: "disableLocalAuth: false",
    },
    rules: ["Azure Policy 672d56b3"],
    resources: ["terminals-hub"],
  },
  {
    change: {
      file: "components/observability.ts",
      from: '    { key: "hub", resourceId: args.hub.id, hasLogs: true, metrics: allMetrics },\n',
      to: "",
    },
    rules: ["Azure Policy 383856f8"],
    resources: ["terminals-hub"],
  },
  {
    change: { file: "components/audit-log.ts", from: 'publicAccess: "None"', to: 'publicAccess: "Blob"' },
    rules: ["CKV_AZURE_34"],
    resources: ["audit-container"],
  },
];

test("a weakened program fails by exactly the rules that its changes violate", async () => {
  await using folder = await temporaryFolder();
  const root = copyProgram(folder.file("project"), ...weakenings.map(({ change }) => change));
  const weakened = await exportDeclared({ root, stacks: ["dev"] });
  const { findings } = await judgeFromOutside(weakened, { isComplete: false, without });
  const expected = weakenings.flatMap(({ rules, resources }) =>
    rules
      .filter((rule) => hasPython || !rule.startsWith("CKV"))
      .flatMap((rule) => resources.map((resource) => `${rule} ${resource}`)),
  );
  const failures = findings.filter(({ level }) => level === "failure");
  expect(failures.map(({ rule, resource }) => `${rule} ${resource?.name}`).toSorted()).toEqual(
    expected.toSorted(),
  );
  expect(failures[0]).toMatchObject({
    environment: "dev",
    resource: { urn: expect.stringContaining("urn:pulumi:dev::") },
  });
});
