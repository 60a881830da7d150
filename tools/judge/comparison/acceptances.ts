import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { toJudgedResource } from "../deployment/stack-state.ts";
import { createFinding, type Finding } from "../report/finding.ts";
import type { ResourceChange } from "../report/report.ts";

/** The file, from the project's folder. */
export const acceptancesFile = "policies/accepted-changes.yaml";

const acceptances = z.array(
  z.strictObject({
    urn: z.string().startsWith("urn:pulumi:"),
    what: z.string().min(1),
    reason: z.string().trim().min(20, "a reason of 20 characters or more"),
    until: z.iso.date(),
  }),
);

/** One accepted change. */
export type Acceptance = z.infer<typeof acceptances>[number] & { line: number };

/**
 * Reads the acceptances of a program.
 * @param root Folder of the program.
 * @throws Error when the file is invalid.
 */
export function readAcceptances(root: string): Acceptance[] {
  let text: string;
  try {
    text = readFileSync(join(root, acceptancesFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const result = acceptances.safeParse(document.toJS() ?? []);
  const problems = [
    ...document.errors.map(({ message }) => message),
    ...(result.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
  ];
  if (problems.length > 0) throw new Error(`${acceptancesFile} is invalid: ${problems.join("; ")}`);
  return (result.data ?? []).map((acceptance, index) => {
    const range = document.getIn([index], true) as { range?: [number] } | undefined;
    return { ...acceptance, line: lineCounter.linePos(range?.range?.[0] ?? 0).line || 1 };
  });
}

const sameChange = (one: Omit<Acceptance, "line">, other: Omit<Acceptance, "line">): boolean =>
  one.urn === other.urn &&
  one.what === other.what &&
  one.reason === other.reason &&
  one.until === other.until;

/**
 * Accepts the consequences that the same change names, and returns a failure for each other one, and for each
 * acceptance that is expired, unused or left over from an earlier change.
 * @param changes The changes of one environment. Accepted consequences are marked in place.
 * @param acceptances The acceptances of the change, and those of the base branch.
 */
export function applyAcceptances(
  environment: string,
  changes: ResourceChange[],
  acceptances: { now: Acceptance[]; before: Acceptance[] },
  today = new Date(),
): Finding[] {
  const own = acceptances.now.filter(({ urn }) => urn.split(":")[2] === environment);
  const isLeftOver = (acceptance: Acceptance) =>
    acceptances.before.some((each) => sameChange(each, acceptance));
  const isExpired = ({ until }: Acceptance) => new Date(`${until}T23:59:59Z`) < today;
  const usable = own.filter((acceptance) => !isExpired(acceptance) && !isLeftOver(acceptance));
  const used = new Set<Acceptance>();
  const findings = changes.flatMap((change) =>
    change.consequences.map((consequence) => {
      const acceptance = usable.find(({ urn, what }) => urn === change.urn && what === consequence.what);
      if (acceptance) used.add(acceptance);
      consequence.isAccepted = acceptance !== undefined;
      return consequenceFinding(environment, change, consequence, acceptance);
    }),
  );
  const faults = own.flatMap((acceptance) => {
    if (isExpired(acceptance)) return [faultFinding(acceptance, "expired")];
    if (isLeftOver(acceptance)) return [faultFinding(acceptance, "left over")];
    return used.has(acceptance) ? [] : [faultFinding(acceptance, "unused")];
  });
  return [...findings, ...faults];
}

const sources = [
  {
    id: "Pulumi: protect",
    url: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
  },
];

function consequenceFinding(
  environment: string,
  { urn, operation }: ResourceChange,
  { what, explanation }: ResourceChange["consequences"][number],
  acceptance: Acceptance | undefined,
): Finding {
  const isLoss = operation === "deleted" || operation === "replaced";
  return createFinding({
    judge: "comparison",
    rule: `change-${what.split(" ")[0] === "output" ? "output" : what.replaceAll(" ", "-")}`,
    severity: isLoss ? "critical" : "high",
    level: acceptance ? "waived" : "failure",
    environment,
    resource: toJudgedResource(urn),
    problem: isLoss ? `The resource is ${operation}. ${explanation}` : explanation,
    reason:
      "What Azure has deleted cannot be restored by a later change, and terminals and pipelines keep the old names.",
    remedy: `Undo it, or accept it in this change: add an entry with the resource's URN, what: ${what}, a reason and until to ${acceptancesFile}.`,
    sources,
    waiver: acceptance && { reason: acceptance.reason, until: acceptance.until },
  });
}

function faultFinding(
  { urn, what, until, line }: Acceptance,
  kind: "expired" | "unused" | "left over",
): Finding {
  const problems = {
    expired: `The acceptance of "${what}" for ${urn} expired on ${until}.`,
    unused: `The acceptance of "${what}" for ${urn} is not used: the change does not do it.`,
    "left over": `The acceptance of "${what}" for ${urn} belongs to an earlier change, which is merged.`,
  };
  return createFinding({
    judge: "comparison",
    rule: `acceptance-${kind.replace(" ", "-")}`,
    severity: "medium",
    // An entry that is already merged accepts nothing, so it does no harm before it is removed.
    level: kind === "left over" ? "advisory" : "failure",
    environment: urn.split(":")[2],
    resource: toJudgedResource(urn),
    problem: problems[kind],
    reason: "An acceptance is for one change. An entry that stays would accept a later one unseen.",
    remedy: `Remove the entry from ${acceptancesFile}.`,
    sources,
    location: { file: acceptancesFile, line },
  });
}
