import pMap from "p-map";
import type { Fleet } from "../../azure/fleet.ts";
import type { FlowKeyRow } from "../../azure/flow-api/flow-keys.ts";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { fingerprint, reportOf } from "../../credentials/key-offer.ts";
import { OperatorError } from "../../lib/errors.ts";
import type { NextSharedKey, RotationContext } from "./context.ts";
import { keyTagsOf, type RotationRecord } from "./record.ts";
import type { RotationResult, RotationState } from "./rotate.ts";

/**
 * For so long API Management's gateways may not know a new key, and may still take an old one: they keep what they
 * know of subscriptions. Source: Microsoft's answer "up to 10 minutes" (learn.microsoft.com Q&A 5922487); no page
 * promises less.
 */
export const gatewayMemoryMs = 10 * 60_000;

const readingsAtOnce = 16;
/** While terminals are waited for, all of them are looked at so often: each look reads every twin of the customer. */
const lookAgainMs = 30_000;

/** A customer's terminal that is not revoked and has a Flow row: it may call with the shared key at any time. */
export interface Member {
  terminal: string;
  /** False when its identity is gone. */
  isAtHub: boolean;
  record: RotationRecord | undefined;
  /** SHA-256 of the shared key that it works with; undefined when nobody knows. */
  holds: string | undefined;
}

/**
 * Finds the customer's next shared key: the one that a rotation under way hands over, else the second one, made anew.
 * Which it is follows from the terminals' records and the customer's two keys, so that a run after a kill finds it too.
 * @param begin False to make none.
 * @returns Undefined when none is under way and none was to be made.
 */
export async function nextSharedKey(
  customer: string,
  context: RotationContext,
  begin: boolean,
): Promise<NextSharedKey | undefined> {
  const { fleet, clock } = context;
  const all = await membersOf(customer, fleet);
  const records = all.flatMap(({ record }) => record?.shared ?? []);
  const next = (value: string, readyAt: number): NextSharedKey => ({
    value,
    sha256: fingerprint(value),
    readyAt,
    finished: false,
    waitsFor: [],
    lookAgainAt: 0,
  });
  const find = (value: string): NextSharedKey | undefined => {
    const marked = records.filter(({ sha256 }) => sha256 === fingerprint(value));
    if (marked.length === 0) return undefined;
    return next(value, Math.min(...marked.map(({ at }) => Date.parse(at))) + gatewayMemoryMs);
  };
  const keys = await fleet.customers.keys(customer);
  const underWay = find(keys.secondary) ?? find(keys.primary);
  if (underWay || !begin) return underWay;
  // A terminal that has the second key already must not lose it: then that is the next one.
  const isHeld = all.some(({ holds }) => holds === fingerprint(keys.secondary));
  if (!isHeld) await fleet.customers.renewSecondary(customer);
  const value = isHeld ? keys.secondary : (await fleet.customers.keys(customer)).secondary;
  return next(value, clock.now() + gatewayMemoryMs);
}

/** The customer's terminals of which it is not known that they work with the next shared key. */
export async function lacking(customer: string, { sha256 }: NextSharedKey, fleet: Fleet): Promise<Member[]> {
  return (await membersOf(customer, fleet)).filter(({ holds }) => holds !== sha256);
}

/**
 * What is the customer's part of the rotation: once all its terminals use the next key it becomes the first one, and once
 * the grace time is over for all of them the other one is made anew. Before each of the two, every terminal that the
 * customer has at that moment is looked at: one may have been onboarded or reinstated since the rotation began. Called
 * again and again.
 * @returns What was done, in words.
 */
export async function followUp(
  customer: string,
  shared: NextSharedKey,
  results: ReadonlyMap<string, RotationResult>,
  { fleet, clock }: RotationContext,
): Promise<string | undefined> {
  const all = [...results.values()];
  if (shared.finished || all.length === 0 || !all.every(({ state }) => isThere.has(state))) return undefined;
  const { primary, secondary } = await fleet.customers.keys(customer);
  const isNextFirst = fingerprint(primary) === shared.sha256;
  if (!isNextFirst && fingerprint(secondary) !== shared.sha256) {
    throw new OperatorError("failed", `the shared Flow keys of ${customer} were changed by somebody else`, {
      remedy: "Run this again: it begins with a new key.",
    });
  }
  if (isNextFirst && all.some(({ until }) => until !== undefined && until > clock.now())) return undefined;
  if (clock.now() < shared.lookAgainAt) return undefined;
  shared.waitsFor = (await lacking(customer, shared, fleet)).map(({ terminal }) => terminal);
  shared.lookAgainAt = clock.now() + (shared.waitsFor.length > 0 ? lookAgainMs : 0);
  if (shared.waitsFor.length > 0) return undefined;
  if (!isNextFirst) {
    if (!(await fleet.customers.swapKeys(customer))) return undefined;
    return "the next shared key is the customer's first one now";
  }
  await fleet.customers.renewSecondary(customer);
  shared.finished = true;
  return "the old shared key is no more; gateways may take it for 10 minutes yet";
}

const isThere: ReadonlySet<RotationState> = new Set(["grace", "done", "nothing", "gone"]);

/** The customer's terminals by their Flow rows, which say at once what was changed; a query's index would lag. */
async function membersOf(customer: string, fleet: Fleet): Promise<Member[]> {
  const rows = new Map<string, FlowKeyRow>();
  for await (const { terminal, customer: _, ...row } of fleet.flowKeys.rows(customer)) {
    if (row.status === "active") rows.set(terminal, row);
  }
  const read = async ([terminal, row]: [string, FlowKeyRow]): Promise<Member[]> => {
    const twin = await fleet.twins.get(terminal);
    if (twin?.status === "disabled") return [];
    const record = keyTagsOf(twin?.tags).rotation ?? undefined;
    return [{ terminal, isAtHub: twin !== undefined, record, holds: heldBy(twin, row) }];
  };
  return (await pMap(rows, read, { concurrency: readingsAtOnce })).flat();
}

/** What a terminal reports, if it was not given other keys since; else what was handed over with the row. */
function heldBy(twin: DeviceTwin | undefined, row: FlowKeyRow): string | undefined {
  const { inUse } = reportOf(twin?.properties.reported ?? {});
  const isOfThisRow = inUse && [row.currentKeySha256, row.previousKeySha256].includes(inUse.flow);
  return isOfThisRow ? inUse.shared : row.sharedKeySha256 || undefined;
}
