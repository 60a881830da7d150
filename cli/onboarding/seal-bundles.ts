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
  folder: Pick<BundleFolder, "stage" | "publish" | "removeStaged">;
  /** Encrypts a credential bundle. */
  seal(bundle: CredentialBundle): Promise<Uint8Array>;
}

/** A credential bundle that is sealed and staged, without the journal entry that makes it count. */
interface StagedBundle {
  deviceKey: string;
  flowKeySha256: string;
  sharedKeySha256: string;
  handoverSha256: string;
  createdAt: string;
}

/**
 * Seals and stages credential bundles while the IoT Hub's throttle delays the device identities, and publishes them when the
 * identities exist. A bundle whose keys have changed in between is sealed again. Staged bundles of a killed run are useless:
 * the next run replaces them.
 */
export class BundleSealer {
  private readonly context: SealingContext;
  private readonly bundles = new Map<string, StagedBundle>();
  /** Terminals that can have a staged bundle without a journal entry. */
  private readonly staged = new Set<string>();

  constructor(context: SealingContext) {
    this.context = context;
  }

  /**
   * Seals and stages the bundles of terminals of one customer, with a new Flow key each.
   * @throws OperatorError when a bundle cannot be written, for example on a full disk. No bundle is being written then.
   */
  async seal(terminals: Terminal[], keys: ReadonlyMap<string, DeviceKeys>): Promise<void> {
    if (terminals.length === 0) return;
    const sharedKey = await this.sharedKeyOf(terminals);
    const failures: unknown[] = [];
    await pMap(
      terminals,
      async (terminal) => {
        if (failures.length > 0) return;
        const { primaryKey } = keys.get(terminal.id) as DeviceKeys;
        await this.sealOne(terminal, primaryKey, sharedKey).catch((error) => failures.push(error));
      },
      { concurrency: concurrentSeals },
    );
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Publishes the bundles of terminals of one customer.
   * @param keys The device keys of each terminal.
   * @returns The journal entries, which are appended to the journal already.
   */
  async publish(terminals: Terminal[], keys: ReadonlyMap<string, DeviceKeys>): Promise<JournalEntry[]> {
    if (terminals.length === 0) return [];
    const { folder, journal } = this.context;
    // The key can be rotated during a long run.
    const sharedKeySha256 = sha256Base64(await this.sharedKeyOf(terminals));
    const outdated = terminals.filter(({ id }) => {
      const bundle = this.bundles.get(id);
      return bundle?.deviceKey !== keys.get(id)?.primaryKey || bundle?.sharedKeySha256 !== sharedKeySha256;
    });
    await this.seal(outdated, keys);
    const entries = terminals.map(({ id, customer, site }): JournalEntry => {
      const { deviceKey: _, ...bundle } = this.bundles.get(id) as StagedBundle;
      return { terminal: id, customer, site, ...bundle };
    });
    // The journal is written first: a published bundle without a journal entry counts as one of another batch.
    await journal.append(entries);
    for (const { id } of terminals) this.staged.delete(id);
    await folder.publish(entries.map(({ terminal }) => terminal));
    return entries;
  }

  /** Removes the staged bundles that were not published. One that cannot be removed stays: the next run replaces it. */
  async discard(): Promise<void> {
    for (const terminal of this.staged) await this.context.folder.removeStaged(terminal).catch(() => {});
    this.staged.clear();
  }

  private sharedKeyOf(terminals: Terminal[]): Promise<string> {
    return this.context.fleet.customers.cachedSubscriptionKey(terminals[0]?.customer as string);
  }

  private async sealOne(terminal: Terminal, deviceKey: string, sharedKey: string): Promise<void> {
    const { fleet, folder, seal } = this.context;
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
    this.staged.add(id);
    this.bundles.set(id, {
      deviceKey,
      flowKeySha256: sha256Base64(terminalKey),
      sharedKeySha256: sha256Base64(sharedKey),
      handoverSha256: await folder.stage(id, content),
      createdAt,
    });
  }
}
