import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { mintFlowKey } from "../azure/flow-api/flow-keys.ts";
import type { DeviceKeys } from "../azure/iot-hub/registry.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../credentials/credential-bundle.ts";
import { sha256Base64 } from "../lib/sha256.ts";
import type { Terminal } from "./batch-file/rows.ts";
import type { Journal, JournalEntry } from "./journal.ts";

const concurrentSeals = 8;

/** What sealing credential bundles needs. */
export interface SealingContext {
  fleet: Fleet;
  journal: Pick<Journal, "append">;
  folder: Pick<BundleFolder, "stage" | "publish">;
  /** Encrypts a credential bundle. */
  seal(bundle: CredentialBundle): Promise<Uint8Array>;
}

/**
 * Creates a Flow key and a sealed credential bundle for each terminal of one customer.
 * @param keys The device keys of each terminal.
 * @returns The journal entries, which are appended to the journal already.
 */
export async function sealBundles(
  terminals: Terminal[],
  keys: ReadonlyMap<string, DeviceKeys>,
  { fleet, folder, journal, seal }: SealingContext,
): Promise<JournalEntry[]> {
  if (terminals.length === 0) return [];
  // Read for each chunk, since the key can be rotated during a long run.
  const sharedKey = await fleet.customers.cachedSubscriptionKey(terminals[0]?.customer as string);
  const sharedKeySha256 = sha256Base64(sharedKey);
  const entries = await pMap(
    terminals,
    async ({ id, customer, site }): Promise<JournalEntry> => {
      const terminalKey = mintFlowKey();
      const createdAt = new Date().toISOString();
      const { primaryKey } = keys.get(id) as DeviceKeys;
      const sealed = await seal({
        version: 1,
        terminalId: id,
        customer,
        site,
        hub: { hostName: fleet.outputs.hubHostName, deviceId: id, primaryKey },
        flow: { url: fleet.outputs.flowUrl, sharedKey, terminalKey },
        createdAt,
      });
      const handoverSha256 = await folder.stage(id, sealed);
      const flowKeySha256 = sha256Base64(terminalKey);
      return { terminal: id, customer, site, flowKeySha256, sharedKeySha256, handoverSha256, createdAt };
    },
    { concurrency: concurrentSeals },
  );
  // The journal is written first: a published bundle without a journal entry counts as one of another batch.
  await journal.append(entries);
  await folder.publish(entries.map(({ terminal }) => terminal));
  return entries;
}
