import { expect, test } from "vitest";
import { type Acceptance, applyAcceptances } from "../../../tools/judge/comparison/acceptances.ts";
import type { ResourceChange } from "../../../tools/judge/report/report.ts";

/* What entries of policies/accepted-changes.yaml accept. */

const urn = "urn:pulumi:prod::p::azure-native:storage:BlobServiceProperties::files-blobs";
const today = new Date("2026-06-15T12:00:00Z");

const acceptance = (fields: Partial<Acceptance> = {}): Acceptance => ({
  urn,
  what: "shorter retention",
  reason: "Files are kept by the customers for 30 days.",
  until: "2026-12-31",
  line: 1,
  ...fields,
});

/** The rule and level of each finding on one change that shortens a retention. */
function findings(now: Acceptance[], before: Acceptance[] = []): string[] {
  const change: ResourceChange = {
    urn,
    operation: "changed",
    name: "files-blobs",
    type: "azure-native:storage:BlobServiceProperties",
    differences: [],
    consequences: [
      { what: "shorter retention", explanation: "days falls from 14 to 10.", isAccepted: false },
    ],
  };
  const found = applyAcceptances("prod", [change], { now, before }, today);
  return found.map(({ rule, level }) => `${rule} ${level}`);
}

test("an entry for the same resource and consequence accepts it until the end of its last day", () => {
  expect(findings([acceptance()])).toEqual(["change-shorter-retention waived"]);
  expect(findings([acceptance({ until: "2026-06-15" })])).toEqual(["change-shorter-retention waived"]);
});

test("an expired entry accepts nothing, and is a failure itself", () => {
  expect(findings([acceptance({ until: "2026-06-14" })])).toEqual([
    "change-shorter-retention failure",
    "acceptance-expired failure",
  ]);
});

test.each([
  ["of another consequence", { what: "replaced" }],
  ["of another resource", { urn: urn.replace("files-blobs", "audit-blobs") }],
])("an entry %s accepts nothing, and is reported as unused", (_, fields) => {
  expect(findings([acceptance(fields)])).toEqual([
    "change-shorter-retention failure",
    "acceptance-unused failure",
  ]);
});

test("an entry of the base branch belongs to an earlier change, accepts nothing, and is advice only", () => {
  expect(findings([acceptance()], [acceptance()])).toEqual([
    "change-shorter-retention failure",
    "acceptance-left-over advisory",
  ]);
});

test("an entry of another environment is neither used nor reported", () => {
  expect(findings([acceptance({ urn: urn.replace("prod", "dev") })])).toEqual([
    "change-shorter-retention failure",
  ]);
});
