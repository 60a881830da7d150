import { readFile, rename } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import {
  type CredentialBundle,
  credentialBundle,
  type KeyRefusal,
  type KeyReport,
  keyOffer,
  keyRefusals,
  OperatorError,
  offerId,
  parseKeyReport,
  sha256Base64,
  unseal,
} from "@terminal-fleet/cli/terminal-support";
import { generateIdentity, identityToRecipient } from "age-encryption";
import pLimit from "p-limit";
import { z } from "zod";
import { writeFileDurably } from "./durable-file.ts";
import type { Vault } from "./vault.ts";

/** The content of the sealed file. */
const keyFile = z.object({
  /** The terminal's age identity. It opens key offers. */
  identity: z.string(),
  current: credentialBundle,
  /** New keys that were not used for a connection yet. */
  candidate: z.object({ id: offerId, handover: credentialBundle }).optional(),
  /** ID of the last key offer that was accepted or rejected. It is not processed again. */
  answered: offerId.optional(),
  refused: z
    .object({ id: offerId, reason: z.enum(Object.keys(keyRefusals) as [KeyRefusal, ...KeyRefusal[]]) })
    .optional(),
});

type KeyFile = z.infer<typeof keyFile>;

/** New keys, and the ID of their key offer. */
export type Candidate = NonNullable<KeyFile["candidate"]>;

/**
 * The terminal's keys. New keys from the twin become the current ones only after the IoT Hub has accepted them. Until then
 * the current ones stay. Every change is sealed on disk before the next step, so that after a power failure the terminal has
 * keys that work.
 */
export class KeyRing {
  private readonly path: string;
  private readonly vault: Vault | undefined;
  private readonly recipient: string | undefined;
  private content: KeyFile;
  /** One change at a time, so that the last one is on disk. */
  private readonly serial = pLimit(1);

  private constructor(
    path: string,
    vault: Vault | undefined,
    content: KeyFile,
    recipient: string | undefined,
  ) {
    this.path = path;
    this.vault = vault;
    this.content = content;
    this.recipient = recipient;
  }

  /**
   * Opens the key file. On the first start, and when a newer credential bundle was installed, the keys are those of the
   * bundle.
   * @param options.vault Seals the file. Without it nothing is stored, and key offers are ignored.
   */
  static async open(options: { path: string; bundle: CredentialBundle; vault?: Vault }): Promise<KeyRing> {
    const { path, bundle, vault } = options;
    if (!vault) return new KeyRing(path, undefined, { identity: "", current: bundle }, undefined);
    const stored = await readKeyFile(path, vault);
    const identity = stored?.identity ?? (await generateIdentity());
    const isBundleNewer =
      stored?.current.terminalId !== bundle.terminalId || stored.current.createdAt < bundle.createdAt;
    const content: KeyFile = stored && !isBundleNewer ? stored : { identity, current: bundle };
    const ring = new KeyRing(path, vault, content, await identityToRecipient(identity));
    await ring.save();
    return ring;
  }

  /** The current keys. */
  get current(): CredentialBundle {
    return this.content.current;
  }

  /** New keys to try; undefined when there are none. */
  get candidate(): Candidate | undefined {
    return this.content.candidate;
  }

  /**
   * Processes the desired property `keys` of the twin.
   * @returns "candidate" when there are new keys to try, "refused" when a refusal must be reported.
   */
  acceptOffer(offered: unknown): Promise<"candidate" | "refused" | undefined> {
    return this.serial(() => this.acceptNow(offered));
  }

  private async acceptNow(offered: unknown): Promise<"candidate" | "refused" | undefined> {
    const { data: offer } = keyOffer.safeParse(offered);
    const { identity, current, candidate, answered } = this.content;
    if (!offer || !this.vault || offer.id === answered) return undefined;
    if (offer.id === candidate?.id) return "candidate";
    let bundle: CredentialBundle;
    try {
      bundle = await unseal(Buffer.from(offer.sealed, "base64"), { identities: [identity] });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return this.refuse(offer.id, "unreadable");
    }
    if (bundle.terminalId !== current.terminalId || bundle.hub.hostName !== current.hub.hostName) {
      return this.refuse(offer.id, "foreign");
    }
    if (bundle.createdAt < current.createdAt) return this.refuse(offer.id, "outdated");
    await this.store({ ...this.content, candidate: { id: offer.id, handover: bundle } });
    return "candidate";
  }

  /** Makes new keys the current ones. Called when the IoT Hub has accepted them. */
  confirm({ id, handover: bundle }: Candidate): Promise<void> {
    return this.serial(async () => {
      const { identity, candidate } = this.content;
      // Another key offer may have arrived during the connection. It is tried next.
      const next = candidate?.id === id ? undefined : candidate;
      await this.store({ identity, current: bundle, answered: id, candidate: next });
    });
  }

  /** Rejects new keys. Called when the IoT Hub has rejected them and accepted the current ones. */
  reject({ id }: Candidate): Promise<void> {
    return this.serial(async () => {
      if (this.content.candidate?.id === id) await this.refuse(id, "hubRefused");
    });
  }

  /** The reported property `keys`, for a connection with the current device key. */
  report(): Record<keyof KeyReport, unknown> {
    const { hub, flow } = this.current;
    return {
      recipient: this.recipient ?? null,
      inUse: {
        hub: sha256Base64(hub.primaryKey),
        flow: sha256Base64(flow.terminalKey),
        shared: sha256Base64(flow.sharedKey),
      },
      refused: this.content.refused ?? null,
    };
  }

  /** Whether the twin has the current report. */
  isReported(reported: Record<string, unknown>): boolean {
    const { recipient = null, inUse = null, refused = null } = parseKeyReport(reported);
    return isDeepStrictEqual({ recipient, inUse, refused }, this.report());
  }

  private async refuse(id: string, reason: KeyRefusal): Promise<"refused"> {
    const { identity, current } = this.content;
    await this.store({ identity, current, answered: id, refused: { id, reason } });
    return "refused";
  }

  private async store(content: KeyFile): Promise<void> {
    const previous = this.content;
    this.content = content;
    try {
      await this.save();
    } catch (error) {
      // For example a full disk: a change that is not stored must not take effect.
      this.content = previous;
      throw error;
    }
  }

  private async save(): Promise<void> {
    if (this.vault) await writeFileDurably(this.path, await this.vault.seal(JSON.stringify(this.content)));
  }
}

/**
 * Reads the key file. A file that cannot be opened is renamed.
 * @returns Undefined when there is no valid file. Then the terminal uses its credential bundle.
 */
async function readKeyFile(path: string, vault: Vault): Promise<KeyFile | undefined> {
  let sealed: Buffer;
  try {
    sealed = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
  try {
    return keyFile.parse(JSON.parse(await vault.open(sealed)));
  } catch {
    await rename(path, `${path}.damaged`);
    return undefined;
  }
}
