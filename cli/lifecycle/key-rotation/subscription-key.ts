import pMap from "p-map";
import type { Fleet } from "../../azure/fleet.ts";
import type { FlowKeyRow } from "../../azure/flow-api/flow-keys.ts";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { parseKeyReport } from "../../credentials/key-offer.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { sha256Base64 } from "../../lib/sha256.ts";
import { t } from "../../words/translate.ts";
import type { NextSubscriptionKey, RotationContext } from "./context.ts";
import { parseKeyTags, type RotationRecord } from "./record.ts";
import type { RotationResult, RotationState } from "./rotate-terminals.ts";

/**
 * How long API Management gateways may reject a new subscription key or accept an old one, in milliseconds: they cache
 * subscriptions. Source: Microsoft's answer "up to 10 minutes" (learn.microsoft.com Q&A 5922487). No page documents less.
 */
export const gatewayCacheMs = 10 * 60_000;

const readsAtOnce = 16;
/** Interval of the check of all terminals of the customer, in milliseconds. Each check reads all their twins. */
const checkIntervalMs = 30_000;

/** A terminal of a customer that is not revoked and has a Flow key row: it may use the subscription key at any time. */
export interface CustomerTerminal {
  terminal: string;
  /** False when its device identity was deleted. */
  hasIdentity: boolean;
  record: RotationRecord | undefined;
  /** SHA-256 of the subscription key that it uses; undefined when unknown. */
  subscriptionKeySha256: string | undefined;
}

/**
 * Finds the customer's next subscription key: the one of a rotation in progress, else the secondary one, regenerated. It
 * is derived from the terminals' records and the two keys of the subscription, so that a run after a kill finds it too.
 * @param start False: do not start a rotation.
 * @returns Undefined when no rotation is in progress and none was started.
 */
export async function findNextSubscriptionKey(
  customer: string,
  { fleet, clock }: RotationContext,
  start: boolean,
): Promise<NextSubscriptionKey | undefined> {
  const terminals = await readTerminals(customer, fleet);
  const records = terminals.flatMap(({ record }) => record?.shared ?? []);
  const nextKey = (value: string, readyAt: number): NextSubscriptionKey => ({
    value,
    sha256: sha256Base64(value),
    readyAt,
    isFinished: false,
    missingTerminals: [],
    nextCheckAt: 0,
  });
  const inProgress = (value: string): NextSubscriptionKey | undefined => {
    const marked = records.filter(({ sha256 }) => sha256 === sha256Base64(value));
    if (marked.length === 0) return undefined;
    return nextKey(value, Math.min(...marked.map(({ at }) => Date.parse(at))) + gatewayCacheMs);
  };
  const { primary, secondary } = await fleet.customers.keys(customer);
  const existing = inProgress(secondary) ?? inProgress(primary);
  if (existing || !start) return existing;
  // When a terminal uses the secondary key already, that key becomes the next one. Regenerating it would cut it off.
  const isUsed = terminals.some(
    ({ subscriptionKeySha256 }) => subscriptionKeySha256 === sha256Base64(secondary),
  );
  if (!isUsed) await fleet.customers.regenerateSecondaryKey(customer);
  const value = isUsed ? secondary : (await fleet.customers.keys(customer)).secondary;
  return nextKey(value, clock.now() + gatewayCacheMs);
}

/** The customer's terminals that are not known to use the next subscription key. */
export async function findTerminalsWithout(
  { sha256 }: Pick<NextSubscriptionKey, "sha256">,
  customer: string,
  fleet: Pick<Fleet, "flowKeys" | "twins">,
): Promise<CustomerTerminal[]> {
  const terminals = await readTerminals(customer, fleet);
  return terminals.filter(({ subscriptionKeySha256 }) => subscriptionKeySha256 !== sha256);
}

const deliveredStates: ReadonlySet<RotationState> = new Set(["grace", "done", "nothing", "gone"]);

/**
 * Advances the rotation of the subscription key by one step, if its terminals are ready: when all of them use the next key
 * it becomes the primary one, and when the grace period of all has passed the old one is regenerated. Before each step all
 * current terminals of the customer are checked, because one may have been onboarded or reinstated since the rotation
 * started. Called after each round.
 * @returns What was done, in words.
 */
export async function advanceSubscriptionKey(
  customer: string,
  nextKey: NextSubscriptionKey,
  results: ReadonlyMap<string, RotationResult>,
  { fleet, clock }: RotationContext,
): Promise<string | undefined> {
  const all = [...results.values()];
  const areDelivered = all.length > 0 && all.every(({ state }) => deliveredStates.has(state));
  if (nextKey.isFinished || !areDelivered) return undefined;
  const { primary, secondary } = await fleet.customers.keys(customer);
  const isPrimary = sha256Base64(primary) === nextKey.sha256;
  if (!isPrimary && sha256Base64(secondary) !== nextKey.sha256) {
    throw new OperatorError(
      "failed",
      t`another program changed the subscription keys of customer ${customer}`,
      {
        remedy: t`Run this again: it starts with a new key.`,
      },
    );
  }
  if (isPrimary && all.some(({ until }) => until !== undefined && until > clock.now())) return undefined;
  if (clock.now() < nextKey.nextCheckAt) return undefined;
  const missing = await findTerminalsWithout(nextKey, customer, fleet);
  nextKey.missingTerminals = missing.map(({ terminal }) => terminal);
  nextKey.nextCheckAt = clock.now() + (missing.length > 0 ? checkIntervalMs : 0);
  if (missing.length > 0) return undefined;
  if (!isPrimary) {
    if (!(await fleet.customers.swapKeys(customer))) return undefined;
    return t`the next subscription key is the primary one now`;
  }
  await fleet.customers.regenerateSecondaryKey(customer);
  nextKey.isFinished = true;
  return t`the old subscription key is invalid; gateways may accept it for another 10 minutes`;
}

/** Reads the customer's terminals from the Flow key rows, which are current. A query's index would be behind. */
async function readTerminals(
  customer: string,
  { flowKeys, twins }: Pick<Fleet, "flowKeys" | "twins">,
): Promise<CustomerTerminal[]> {
  const rows = new Map<string, FlowKeyRow>();
  for await (const { terminal, customer: _, ...row } of flowKeys.rows(customer)) {
    if (row.status === "active") rows.set(terminal, row);
  }
  const read = async ([terminal, row]: [string, FlowKeyRow]): Promise<CustomerTerminal[]> => {
    const twin = await twins.get(terminal);
    if (twin?.status === "disabled") return [];
    const record = parseKeyTags(twin?.tags).rotation ?? undefined;
    const subscriptionKeySha256 = usedSubscriptionKey(twin, row);
    return [{ terminal, hasIdentity: twin !== undefined, record, subscriptionKeySha256 }];
  };
  return (await pMap(rows, read, { concurrency: readsAtOnce })).flat();
}

/** The key that the terminal reports, unless it got other keys since; else the key that was delivered with the row. */
function usedSubscriptionKey(twin: DeviceTwin | undefined, row: FlowKeyRow): string | undefined {
  const { inUse } = parseKeyReport(twin?.properties.reported ?? {});
  const isCurrent = inUse && [row.currentKeySha256, row.previousKeySha256].includes(inUse.flow);
  return isCurrent ? inUse.shared : row.sharedKeySha256 || undefined;
}
