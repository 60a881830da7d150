import { readFile, rename } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import {
  type Handover,
  handover,
  type KeyRefusal,
  type KeyReport,
  keyOffer,
  keyRefusals,
  OperatorError,
  offerId,
  reportOf,
  sha256Base64,
  unseal,
} from "@terminal-fleet/cli/terminal-support";
import { generateIdentity, identityToRecipient } from "age-encryption";
import pLimit from "p-limit";
import { z } from "zod";
import { writeInPlace } from "./durable-file.ts";
import type { Vault } from "./vault.ts";

const kept = z.object({
  /** The terminal's own age identity: what is sealed for its recipient opens with it. */
  identity: z.string(),
  current: handover,
  /** New keys that no connection was made with yet. */
  candidate: z.object({ id: offerId, handover }).optional(),
  /** The last offer that has its answer, so that it is not taken again. */
  answered: offerId.optional(),
  refused: z
    .object({ id: offerId, reason: z.enum(Object.keys(keyRefusals) as [KeyRefusal, ...KeyRefusal[]]) })
    .optional(),
});

type Kept = z.infer<typeof kept>;

/** New keys, and the offer that they came with. */
export type Candidate = NonNullable<Kept["candidate"]>;

/**
 * A terminal's keys. It takes new ones from its twin, tries them, and works with them only once the hub has taken
 * them; until then it can go back. All of it is on disk, sealed, before the terminal goes on: a power cut at any
 * moment leaves it with keys that work.
 */
export class KeyRing {
  private readonly path: string;
  private readonly vault: Vault | undefined;
  private readonly recipient: string | undefined;
  private kept: Kept;
  /** One change at a time: what is on disk is always the last one. */
  private readonly serial = pLimit(1);

  private constructor(path: string, vault: Vault | undefined, content: Kept, recipient: string | undefined) {
    this.path = path;
    this.vault = vault;
    this.kept = content;
    this.recipient = recipient;
  }

  /**
   * Opens the keys that are kept in a file; on the first start, and after a newer hand-over was installed, those of
   * the hand-over.
   * @param options.vault Without it nothing is kept, and no keys are taken from the twin.
   */
  static async open(options: { path: string; handover: Handover; vault?: Vault }): Promise<KeyRing> {
    const { path, handover: given, vault } = options;
    if (!vault) return new KeyRing(path, undefined, { identity: "", current: given }, undefined);
    const found = await read(path, vault);
    const identity = found?.identity ?? (await generateIdentity());
    const isNewer =
      found?.current.terminalId !== given.terminalId || found.current.createdAt < given.createdAt;
    const content: Kept = found && !isNewer ? found : { identity, current: given };
    const ring = new KeyRing(path, vault, content, await identityToRecipient(identity));
    await ring.save();
    return ring;
  }

  /** What the terminal works with. */
  get current(): Handover {
    return this.kept.current;
  }

  /** New keys that are to be tried; undefined when there are none. */
  get candidate(): Candidate | undefined {
    return this.kept.candidate;
  }

  /**
   * Looks at a twin's desired.keys.
   * @returns Whether there is something to do: a candidate to try, or a new refusal to report.
   */
  take(offered: unknown): Promise<"candidate" | "refused" | undefined> {
    return this.serial(() => this.takeNow(offered));
  }

  private async takeNow(offered: unknown): Promise<"candidate" | "refused" | undefined> {
    const { data: offer } = keyOffer.safeParse(offered);
    if (!offer || !this.vault || offer.id === this.kept.answered) return undefined;
    if (offer.id === this.kept.candidate?.id) return "candidate";
    let content: Handover;
    try {
      content = await unseal(Buffer.from(offer.sealed, "base64"), { identities: [this.kept.identity] });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return this.refuse(offer.id, "unreadable");
    }
    const { current } = this;
    if (content.terminalId !== current.terminalId || content.hub.hostName !== current.hub.hostName) {
      return this.refuse(offer.id, "foreign");
    }
    if (content.createdAt < current.createdAt) return this.refuse(offer.id, "outdated");
    await this.keep({ ...this.kept, candidate: { id: offer.id, handover: content } });
    return "candidate";
  }

  /** The hub took these new keys: the terminal works with them from now on. */
  confirm({ id, handover }: Candidate): Promise<void> {
    return this.serial(async () => {
      const { identity, candidate } = this.kept;
      // Newer ones may have come while these were tried: they are next.
      const next = candidate && candidate.id !== id ? { candidate } : {};
      await this.keep({ identity, current: handover, answered: id, ...next });
    });
  }

  /** The hub refused these new keys and took the current ones. */
  giveUp({ id }: Candidate): Promise<void> {
    return this.serial(async () => {
      if (this.kept.candidate?.id === id) await this.refuse(id, "hubRefused");
    });
  }

  /** What to merge into reported.keys over a connection that was made with the current key. */
  report(): Record<keyof KeyReport, unknown> {
    const { hub, flow } = this.current;
    return {
      recipient: this.recipient ?? null,
      inUse: {
        hub: sha256Base64(hub.primaryKey),
        flow: sha256Base64(flow.terminalKey),
        shared: sha256Base64(flow.sharedKey),
      },
      refused: this.kept.refused ?? null,
    };
  }

  /** Whether a twin says it already. */
  isIn(reported: Record<string, unknown>): boolean {
    const { recipient = null, inUse = null, refused = null } = reportOf(reported);
    return isDeepStrictEqual({ recipient, inUse, refused }, this.report());
  }

  private async refuse(id: string, reason: KeyRefusal): Promise<"refused"> {
    const { identity, current } = this.kept;
    await this.keep({ identity, current, answered: id, refused: { id, reason } });
    return "refused";
  }

  private async keep(content: Kept): Promise<void> {
    const before = this.kept;
    this.kept = content;
    try {
      await this.save();
    } catch (error) {
      // A full disk: what is not kept does not count.
      this.kept = before;
      throw error;
    }
  }

  private async save(): Promise<void> {
    if (this.vault) await writeInPlace(this.path, await this.vault.seal(JSON.stringify(this.kept)));
  }
}

/** Undefined when there is nothing, or nothing that can be opened: a terminal has to work on with its hand-over. */
async function read(path: string, vault: Vault): Promise<Kept | undefined> {
  let sealed: Buffer;
  try {
    sealed = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return undefined;
  }
  try {
    return kept.parse(JSON.parse(await vault.open(sealed)));
  } catch {
    await rename(path, `${path}.damaged`);
    return undefined;
  }
}
