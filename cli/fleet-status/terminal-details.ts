import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { hasDeadLink } from "../file-exchange/link-signature.ts";
import type { OfferStatus } from "../file-exchange/offers/offer-status.ts";
import { assessTerminal, type TerminalStatus } from "./drift.ts";
import { type FlowEntry, readHubEntry } from "./sources.ts";

/** An offer, and whether its file link is invalid, because the account key that signed it was renewed. */
export interface TerminalOffer {
  offer: OfferStatus;
  hasDeadLink: boolean;
}

/** Everything that the services know of one terminal, except its audit log. It holds no secret but the offers' links. */
export interface TerminalDetails {
  status: TerminalStatus;
  /** Creation time of the device keys, ISO 8601; undefined without a device identity or when unknown. */
  deviceKeysFrom?: string;
  /** Flow key rows; more than one when rows of several customers exist. */
  flowKeys: { customer: string; from: string; active: boolean }[];
  offers: TerminalOffer[];
}

/**
 * Reads one terminal from the IoT Hub, the key table and the files, without the lag of the IoT Hub's query index. Its
 * stored access policy is checked too.
 * @param options.sharedKeys Terminals whose key two machines use; see `readSharedKeys`.
 * @returns Undefined when no service has the terminal.
 */
export async function readTerminalDetails(
  fleet: Fleet,
  id: string,
  { sharedKeys, now }: { sharedKeys: ReadonlySet<string>; now: number },
): Promise<TerminalDetails | undefined> {
  const signer = await fleet.files.readSigner();
  const [hub, flow, hasContainer] = await Promise.all([
    readHubEntry(fleet, id, now, signer),
    readFlowEntriesOf(fleet, id),
    fleet.files.hasContainer(id),
  ]);
  if (!hub && flow.length === 0 && !hasContainer) return undefined;
  const policy = hasContainer ? await fleet.files.hasPolicy(id) : undefined;
  const records = { id, hub: hub ? [hub] : [], flow, container: hasContainer ? [{ id }] : [], journal: [] };
  const status = assessTerminal(records, { policy, hasTwoMachines: sharedKeys.has(id) });
  const row = flow.find(({ customer }) => customer === hub?.customer) ?? flow[0];
  const offers = hub ? await fleet.offers.list(id, now) : [];
  return {
    status,
    // Device keys that were never rotated are as old as the first Flow key.
    deviceKeysFrom: hub ? (hub.keysRenewedAt ?? row?.keyCreatedAt) : undefined,
    flowKeys: flow.map(({ customer, keyCreatedAt, active }) => ({ customer, from: keyCreatedAt, active })),
    offers: offers.map((offer) => ({ offer, hasDeadLink: hasDeadLink(offer, signer) })),
  };
}

async function readFlowEntriesOf({ flowKeys }: Pick<Fleet, "flowKeys">, id: string): Promise<FlowEntry[]> {
  const customers = await flowKeys.customersOf(id);
  const rows = await pMap(customers, async (customer) => ({
    customer,
    row: await flowKeys.get(customer, id),
  }));
  return rows.flatMap(({ customer, row }) =>
    row ? [{ id, customer, ...row, active: row.status === "active" }] : [],
  );
}
