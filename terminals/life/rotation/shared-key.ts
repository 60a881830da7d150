import pMap from "p-map";
import { OperatorError } from "../../errors.ts";
import type { Fleet } from "../../fleet.ts";
import { fingerprint, reportOf } from "../../keys/key-offer.ts";
import type { NextSharedKey, RotationContext } from "./context.ts";
import { keyTagsOf, type RotationRecord } from "./record.ts";
import type { RotationResult } from "./rotate.ts";

/**
 * For so long API Management's gateways may not know a new key, and may still take an old one: they keep what they
 * know of subscriptions. Source: Microsoft's answer "up to 10 minutes" (learn.microsoft.com Q&A 5922487); no page
 * promises less.
 */
export const gatewayMemoryMs = 10 * 60_000;

const readingsAtOnce = 16;

/** A customer's terminals that are not revoked, with what is known of their keys. */
interface Member {
  terminal: string;
  record: RotationRecord | undefined;
  sharedInUse: string | undefined;
}

/**
 * Finds the customer's next shared key: the one that a rotation under way hands over, else the second one, made anew.
 * Which it is follows from the terminals' records and the customer's two keys, so that a run after a kill finds it too.
 * @param begin False to make none.
 * @returns Undefined when none is under way and none was to be made.
 */
export async function nextSharedKey(
  customer: string,
  terminals: string[],
  context: RotationContext,
  begin: boolean,
): Promise<NextSharedKey | undefined> {
  const { fleet, clock } = context;
  const all = await members(terminals, fleet);
  const records = all.flatMap(({ record }) => record?.shared ?? []);
  const find = (value: string): NextSharedKey | undefined => {
    const sha256 = fingerprint(value);
    const marked = records.filter((shared) => shared.sha256 === sha256);
    if (marked.length === 0) return undefined;
    const madeAt = Math.min(...marked.map(({ at }) => Date.parse(at)));
    return { value, sha256, readyAt: madeAt + gatewayMemoryMs, finished: false };
  };
  const keys = await fleet.customers.keys(customer);
  const underWay = find(keys.secondary) ?? find(keys.primary);
  if (underWay || !begin) return underWay;
  // A terminal that has the second key already must not lose it: then that is the next one.
  const inUse = all.some(({ sharedInUse }) => sharedInUse === fingerprint(keys.secondary));
  if (!inUse) await fleet.customers.renewSecondary(customer);
  const value = inUse ? keys.secondary : (await fleet.customers.keys(customer)).secondary;
  return { value, sha256: fingerprint(value), readyAt: clock.now() + gatewayMemoryMs, finished: false };
}

/**
 * What is the customer's part of the rotation: once all terminals use the next key it becomes the first one, and once
 * the grace time is over for all of them the other one is made anew. Called again and again.
 * @returns What was done, in words.
 */
export async function followUp(
  customer: string,
  shared: NextSharedKey,
  results: ReadonlyMap<string, RotationResult>,
  { fleet, clock }: RotationContext,
): Promise<string | undefined> {
  const all = [...results.values()];
  const isThere = ({ state }: RotationResult) => state === "grace" || state === "done" || state === "nothing";
  if (shared.finished || all.length === 0 || !all.every(isThere)) return undefined;
  const { primary, secondary } = await fleet.customers.keys(customer);
  if (fingerprint(secondary) === shared.sha256) {
    if (!(await fleet.customers.swapKeys(customer))) return undefined;
    return "the next shared key is the customer's first one now";
  }
  if (fingerprint(primary) !== shared.sha256) {
    throw new OperatorError("failed", `the shared Flow keys of ${customer} were changed by somebody else`, {
      remedy: "Run this again: it begins with a new key.",
    });
  }
  if (all.some(({ until }) => until !== undefined && until > clock.now())) return undefined;
  await fleet.customers.renewSecondary(customer);
  shared.finished = true;
  return "the old shared key is no more; gateways may take it for 10 minutes yet";
}

async function members(terminals: string[], fleet: Fleet): Promise<Member[]> {
  const read = async (terminal: string): Promise<Member[]> => {
    const twin = await fleet.twins.get(terminal);
    if (!twin || twin.status === "disabled") return [];
    const record = keyTagsOf(twin.tags).rotation ?? undefined;
    const sharedInUse = reportOf(twin.properties.reported).inUse?.shared;
    return [{ terminal, record, sharedInUse }];
  };
  return (await pMap(terminals, read, { concurrency: readingsAtOnce })).flat();
}
