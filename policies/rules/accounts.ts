import { norwayEast, westEurope } from "../allowlists/resource-types.ts";
import {
  evidenceOf,
  ofType,
  type Purpose,
  purposeOf,
  purposes,
  stackOf,
} from "../engine/resource-queries.ts";
import { type Check, type Declared, type Finding, mustBe, type StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, unknown } from "../engine/value.ts";
import { located } from "./regions.ts";

interface Expected {
  region: string;
  /** Whether the account's own keys sign: a user delegation SAS ends after 7 days, and import jobs take no other. */
  sharedKeys: boolean;
  /** Whether a stack does without one. */
  optional?: boolean;
}

const expected: Record<Purpose, Expected> = {
  files: { region: westEurope, sharedKeys: true },
  audit: { region: westEurope, sharedKeys: false },
  "flow-keys": { region: norwayEast, sharedKeys: false },
  "device-imports": { region: westEurope, sharedKeys: true, optional: true },
};

const accounts = (resources: Declared[]) => ofType(resources, types.storageAccount);

/** What an account is for decides what it must be; and what it is for is seen from what is declared in it. */
export const accountRules: StackRule[] = [
  {
    name: "one-account-for-each-purpose",
    reason: "Which rules an account must keep follows from what it holds, so it holds one thing and says so.",
    remedy: `Declare one account each for ${purposes.join(", ")}, tagged \`holds\`, with what belongs in it.`,
    sources: ["design: storage"],
    checkStack: (resources) => [...miscounted(resources), ...mistagged(resources), ...homeless(resources)],
  },
  {
    name: "account-keys-only-where-needed",
    reason:
      "An account key opens everything in the account; only 30-day keys and import jobs cannot do without.",
    remedy: "Set allowSharedKeyAccess to what the message asks for; where it is false, use Entra ID.",
    sources: ["Azure.Storage.LocalAuth", "CKV2_AZURE_40", "Azure Policy 8c6a50c6", "design: flow ingress"],
    checkStack: byPurpose(({ sharedKeys }) => mustBe("allowSharedKeyAccess", sharedKeys)),
  },
  {
    name: "accounts-in-their-region",
    reason:
      "Files, records of changes and imports name people and stay in West Europe; lookups are in Norway East.",
    remedy: "Put the account into the region of what it holds.",
    sources: ["AZR-000167", "Azure Policy e56962a6", "design: regions"],
    checkStack: byPurpose(({ region }) => located([region])),
  },
];

/** Checks each account for what its purpose expects. */
function byPurpose(check: (expected: Expected) => Check): StackRule["checkStack"] {
  return (resources) =>
    accounts(resources).flatMap((resource) => {
      const purpose = purposeOf(resources, resource);
      return check(expected[purpose])(resource).map((problem) => ({
        resource,
        problem: `it holds ${purpose}: ${problem}`,
      }));
    });
}

function miscounted(resources: Declared[]): Finding[] {
  return purposes.flatMap((purpose) => {
    const found = accounts(resources).filter((account) => purposeOf(resources, account) === purpose);
    if (found.length > 1) {
      const names = found.map(({ name }) => name).join(", ");
      return found.map((resource) => ({
        resource,
        problem: `${found.length} accounts hold ${purpose}, as far as what is declared in them tells: ${names}.`,
      }));
    }
    if (found.length === 1 || expected[purpose].optional) return [];
    return [{ resource: stackOf(resources), problem: `no account holds ${purpose}.` }];
  });
}

function mistagged(resources: Declared[]): Finding[] {
  return accounts(resources).flatMap((resource) => {
    const tag = at(resource.properties, "tags.holds");
    const evidence = evidenceOf(resources, resource);
    if (tag === undefined || tag === unknown || tag === evidence) return [];
    // Nothing that is declared tells files from imports: both are filled by the command line.
    if (evidence === undefined && (tag === "files" || tag === "device-imports")) return [];
    const seen = evidence
      ? `what is declared in it is ${evidence}`
      : "nothing that is declared in it is that";
    return [{ resource, problem: `its tag holds is ${JSON.stringify(tag)}, and ${seen}.` }];
  });
}

/** What is declared in an account that is not the stack's own escapes the rules on accounts. */
function homeless(resources: Declared[]): Finding[] {
  const urns = new Set(accounts(resources).map(({ urn }) => urn));
  return [types.blobService, types.container, types.immutability, types.lifecycle, types.table]
    .flatMap((type) => ofType(resources, type))
    .filter((resource) => !resource.madeFrom("accountName").some((urn) => urns.has(urn)))
    .map((resource) => ({ resource, problem: "its accountName is not made from an account of the stack." }));
}
