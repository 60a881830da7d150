import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { isSameCustomer } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { t } from "../words/translate.ts";
import { chooseChannel } from "./key-rotation/channel.ts";
import type { RotationContext } from "./key-rotation/context.ts";
import { parseKeyTags } from "./key-rotation/record.ts";
import { rotateKeys } from "./key-rotation/rotate-keys.ts";
import { readTwin } from "./read-twin.ts";
import { reinstate } from "./reinstate.ts";
import { revoke } from "./revoke.ts";

/** Where a terminal is to be. */
export interface Place {
  customer: string;
  site: string;
  /** Undefined leaves the name as it is. */
  name?: string;
}

/** What a move needs besides the terminal and its new place. */
export interface MoveContext {
  fleet: Fleet;
  /** Receives a sealed credential bundle, where the IoT Hub cannot deliver one. A move to another customer needs it. */
  bundles?: { folder: BundleFolder; seal(content: CredentialBundle): Promise<Uint8Array> };
  /** How long the old keys stay valid after the terminal was seen using the new ones, in milliseconds. */
  graceMs: number;
  /** How long to wait for an open connection to close, when the terminal moves to another customer, in milliseconds. */
  waitMs: number;
  clock?: Clock;
  signal?: AbortSignal;
}

/** The result of a move. */
export interface Moved {
  /** "moved": its tags, its Flow key row and a new credential bundle have the place. "unchanged": they had it before. */
  outcome: "moved" | "unchanged";
  from: { customer: string; site: string };
  /** How the new credential bundle reaches the terminal; undefined when it is not needed. */
  delivery?: "hub" | "file";
}

/** A move in progress, in the tag `move` of the device twin. It is removed when the credential bundle is delivered. */
const moveTag = z.object({
  customer: z.string(),
  site: z.string(),
  name: z.string().nullish(),
  from: z.object({ customer: z.string(), site: z.string() }),
  /** Creation time of the terminal's Flow key before the move: its new bundle must be later. */
  keysFrom: z.string(),
});
type MoveTag = z.infer<typeof moveTag>;

/**
 * Moves a terminal to another site, or to another customer: changes its tags, its Flow key row and the data in its
 * credential bundle. All state is in the services: a move that was killed continues when it is run again, and a complete
 * one is left alone.
 *
 * Within a customer the terminal goes on working: it gets a new Flow key, in a bundle with the new site. To another customer
 * it is revoked first, as everything that it holds belongs to the old one. Then it gets new keys, the new customer's
 * subscription key among them, in a sealed file: at no time it has access for both.
 * @throws OperatorError when it cannot be moved. Before the first change, nothing was changed.
 */
export async function moveTerminal(terminal: string, place: Place, context: MoveContext): Promise<Moved> {
  const { fleet } = context;
  const twin = await readTwin(terminal, fleet);
  const owner = ownerOf(terminal, twin);
  const pending = moveTag.safeParse(twin.tags?.move).data;
  if (pending && !hasTarget(pending, place)) throw otherMove(terminal, pending);
  const from = pending?.from ?? owner;
  const changesCustomer = !isSameCustomer(from.customer, place.customer);
  if (!pending && !changesCustomer && isAt(twin, place)) {
    await setRowSite(terminal, place, fleet);
    return { outcome: "unchanged", from };
  }
  const work = { terminal, place, from, context };
  return changesCustomer ? moveToCustomer(work, twin, pending) : moveWithinCustomer(work, twin, pending);
}

interface Work {
  terminal: string;
  place: Place;
  from: { customer: string; site: string };
  context: MoveContext;
}

async function moveWithinCustomer(
  work: Work,
  twin: DeviceTwin,
  pending: MoveTag | undefined,
): Promise<Moved> {
  const { terminal, place, from, context } = work;
  const { fleet, bundles, graceMs, clock = systemClock, signal } = context;
  if (twin.status === "disabled") throw revoked(terminal, twin);
  if (parseKeyTags(twin.tags).rotation?.keys.includes("shared")) {
    const customer = quote(place.customer, "ID");
    throw new OperatorError("failed", t`the subscription key of ${place.customer} is being rotated`, {
      remedy: t`End that rotation first: \`npx terminals rotate --customer ${customer} --continue\`.`,
    });
  }
  const rotation: RotationContext = {
    ...{ fleet, clock, runId: randomUUID(), claimed: new Set<string>(), graceMs, bundles },
    deliversAgain: true,
  };
  // Fails before the first change when a new bundle cannot reach the terminal.
  const channel = chooseChannel(twin, rotation);
  if (!pending) await startMove(work, await keysFromOf(work));
  await setRowSite(terminal, place, fleet);
  const { results } = await rotateKeys([terminal], ["flow"], rotation, { waitMs: 0, signal });
  const result = results.get(terminal);
  if (result?.error) throw result.error;
  if (!result) throw new OperatorError("interrupted", t`interrupted`);
  await endMove(terminal, fleet);
  return { outcome: "moved", from, delivery: channel === "file" ? "file" : "hub" };
}

async function moveToCustomer(work: Work, twin: DeviceTwin, pending: MoveTag | undefined): Promise<Moved> {
  const { terminal, place, from, context } = work;
  const { fleet, bundles, waitMs, clock = systemClock, signal } = context;
  const { customer } = place;
  const row = await fleet.flowKeys.get(customer, terminal);
  const isOpen = twin.status === "enabled" && row?.status === "active" && isAt(twin, place);
  if (pending && isOpen) {
    await endMove(terminal, fleet);
    return { outcome: "moved", from, delivery: "file" };
  }
  if (!bundles) {
    throw new OperatorError("usage", t`specify --out FOLDER, the folder for the sealed credential bundles`, {
      remedy: t`Another customer's terminal needs new keys, which are brought to it in a sealed file.`,
    });
  }
  if (!pending) {
    if (twin.status === "disabled") throw revoked(terminal, twin);
    if (!(await fleet.customers.has(customer))) {
      throw new OperatorError("failed", t`there is no customer ${customer}`, {
        remedy: t`Check the spelling. A customer exists as soon as its first terminal is onboarded.`,
      });
    }
    const uncollected = (await fleet.offers.list(terminal)).filter(
      ({ offer, state }) => offer.direction === "upload" && state === "done",
    );
    if (uncollected.length > 0) {
      const names = uncollected.map(({ offer }) => offer.name).join(", ");
      throw new OperatorError("failed", t`${terminal} has delivered files of ${from.customer}: ${names}`, {
        remedy: t`Collect them first: \`npx terminals files ${terminal} --collect FOLDER\`.`,
      });
    }
  }
  const keysFrom = pending?.keysFrom ?? (await keysFromOf(work));
  if (!pending) await startMove(work, keysFrom, { setsPlace: false });
  const reason = `moved from ${from.customer} to ${customer}`;
  const closed = await revoke(terminal, fleet, { reason, customer: from.customer, waitMs, clock, signal });
  const open = closed.find((path) => !path.closed);
  if (open?.error) throw open.error;
  await patchTags(terminal, fleet, { customer, site: place.site, ...nameTag(place) });
  for (const owner of await fleet.flowKeys.customersOf(terminal)) {
    if (owner !== customer) await fleet.flowKeys.delete(owner, terminal);
  }
  const now = Math.max(clock.now(), (Date.parse(keysFrom) || 0) + 1);
  await reinstate(terminal, fleet, { ...bundles, customer, now });
  await endMove(terminal, fleet);
  return { outcome: "moved", from, delivery: "file" };
}

function ownerOf(terminal: string, { tags }: DeviceTwin): { customer: string; site: string } {
  const { customer, site } = (tags ?? {}) as Record<string, unknown>;
  if (typeof customer === "string" && typeof site === "string") return { customer, site };
  throw new OperatorError("failed", t`the device twin ${terminal} has no tags customer and site`, {
    remedy: t`It was never onboarded: onboard it.`,
  });
}

function isAt({ tags }: DeviceTwin, { customer, site, name }: Place): boolean {
  return tags?.customer === customer && tags.site === site && (name === undefined || tags.name === name);
}

function hasTarget(tag: MoveTag, { customer, site, name }: Place): boolean {
  return tag.customer === customer && tag.site === site && (tag.name ?? undefined) === name;
}

const nameTag = ({ name }: Place) => (name === undefined ? {} : { name });

async function keysFromOf({ terminal, from, context }: Work): Promise<string> {
  return (await context.fleet.flowKeys.get(from.customer, terminal))?.keyCreatedAt ?? "";
}

/** Writes down where the terminal moves, in the change that gives it the new tags, unless it changes its customer. */
async function startMove(
  { terminal, place, from, context }: Work,
  keysFrom: string,
  { setsPlace = true } = {},
): Promise<void> {
  const { customer, site, name } = place;
  const move: MoveTag = { customer, site, name: name ?? null, from: { ...from }, keysFrom };
  const tags = setsPlace ? { move, site, ...nameTag(place) } : { move };
  await patchTags(terminal, context.fleet, tags);
}

async function endMove(terminal: string, fleet: Fleet): Promise<void> {
  await patchTags(terminal, fleet, { move: null });
}

async function patchTags(terminal: string, { twins }: Fleet, tags: Record<string, unknown>): Promise<void> {
  await updateOptimistically(t`the device twin ${terminal}`, async () => {
    const twin = await twins.get(terminal);
    if (!twin) throw new OperatorError("failed", t`the device identity ${terminal} was deleted`);
    return (await twins.patch(terminal, { tags }, twin.etag)) ? undefined : conflict;
  });
}

/** Gives the Flow key row the new site. */
async function setRowSite(terminal: string, place: Place, { flowKeys }: Fleet): Promise<void> {
  const { customer, site } = place;
  await updateOptimistically(t`the Flow key row of ${terminal}`, async () => {
    const found = await flowKeys.read(customer, terminal);
    if (!found || found.row.site === site) return;
    return (await flowKeys.update(customer, terminal, { site }, found.etag)) ? undefined : conflict;
  });
}

function revoked(terminal: string, { statusReason }: DeviceTwin): OperatorError {
  const reason = statusReason || t`no reason given`;
  return new OperatorError("failed", t`${terminal} is revoked (${reason})`, {
    remedy: t`If it is to work again: \`npx terminals reinstate ${terminal}\`. Then move it.`,
  });
}

function otherMove(terminal: string, { customer, site, name }: MoveTag): OperatorError {
  const [to, called] = [quote(site, "NAME"), quote(name ?? "", "NAME")];
  return new OperatorError("failed", t`${terminal} is being moved to ${site} of ${customer}`, {
    remedy: name
      ? t`Complete that move first: \`npx terminals move ${terminal} --customer ${customer} --site ${to} --name ${called}\`.`
      : t`Complete that move first: \`npx terminals move ${terminal} --customer ${customer} --site ${to}\`.`,
  });
}
