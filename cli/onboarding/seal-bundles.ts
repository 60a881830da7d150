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

/** A sealed credential bundle that is only in memory. */
interface SealedBundle {
  deviceKey: string;
  flowKeySha256: string;
  sharedKeySha256: string;
  createdAt: string;
  content: Uint8Array;
}

/**
 * Seals credential bundles while the IoT Hub's throttle delays the device identities, and writes them when the identities
 * exist. A bundle whose keys have changed in between is sealed again.
 */
export class BundleSealer {
  private readonly context: SealingContext;
  private readonly bundles = new Map<string, SealedBundle>();

  constructor(context: SealingContext) {
    this.context = context;
  }

  /** Seals the bundles of terminals of one customer, in memory, with a new Flow key each. */
  async seal(terminals: Terminal[], keys: ReadonlyMap<string, DeviceKeys>): Promise<void> {
    if (terminals.length === 0) return;
    const sharedKey = await this.sharedKeyOf(terminals);
    await pMap(
      terminals,
      async (terminal) => {
        const { primaryKey } = keys.get(terminal.id) as DeviceKeys;
        this.bundles.set(terminal.id, await this.sealOne(terminal, primaryKey, sharedKey));
      },
      { concurrency: concurrentSeals },
    );
  }

  /**
   * Writes the bundles of terminals of one customer.
   * @param keys The device keys of each terminal.
   * @returns The journal entries, which are appended to the journal already.
   */
  async write(terminals: Terminal[], keys: ReadonlyMap<string, DeviceKeys>): Promise<JournalEntry[]> {
    if (terminals.length === 0) return [];
    const { folder, journal } = this.context;
    // The key can be rotated during a long run.
    const sharedKeySha256 = sha256Base64(await this.sharedKeyOf(terminals));
    const outdated = terminals.filter(({ id }) => {
      const bundle = this.bundles.get(id);
      return bundle?.deviceKey !== keys.get(id)?.primaryKey || bundle?.sharedKeySha256 !== sharedKeySha256;
    });
    await this.seal(outdated, keys);
    const entries = await pMap(
      terminals,
      async ({ id, customer, site }): Promise<JournalEntry> => {
        const { content, flowKeySha256, sharedKeySha256, createdAt } = this.bundles.get(id) as SealedBundle;
        const handoverSha256 = await folder.stage(id, content);
        return { terminal: id, customer, site, flowKeySha256, sharedKeySha256, handoverSha256, createdAt };
      },
      { concurrency: concurrentSeals },
    );
    // The journal is written first: a published bundle without a journal entry counts as one of another batch.
    await journal.append(entries);
    await folder.publish(entries.map(({ terminal }) => terminal));
    return entries;
  }

  private sharedKeyOf(terminals: Terminal[]): Promise<string> {
    return this.context.fleet.customers.cachedSubscriptionKey(terminals[0]?.customer as string);
  }

  private async sealOne(terminal: Terminal, deviceKey: string, sharedKey: string): Promise<SealedBundle> {
    const { fleet, seal } = this.context;
    const { id, customer, site } = terminal;
    const terminalKey = mintFlowKey();
    const createdAt = new Date().toISOString();
    const content = await seal({
      version: 1,
      terminalId: id,
      customer,
      site,
      hub: { hostName: fleet.outputs.hubHostName, deviceId: id, primaryKey: deviceKey },
      flow: { url: fleet.outputs.flowUrl, sharedKey, terminalKey },
      createdAt,
    });
    return {
      deviceKey,
      flowKeySha256: sha256Base64(terminalKey),
      sharedKeySha256: sha256Base64(sharedKey),
      createdAt,
      content,
    };
  }
}
