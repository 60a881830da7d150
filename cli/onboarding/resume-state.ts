import type { FlowKeys } from "../azure/flow-api/flow-keys.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import { isSameName } from "../lib/names.ts";
import { t } from "../words/translate.ts";
import type { Terminal } from "./batch-file/rows.ts";
import type { Inventory } from "./inventory.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** What earlier runs have completed for a terminal. */
export type ResumeState =
  /** Nothing that can be reused: the run creates whatever is missing, with a new credential bundle. */
  | { kind: "new" }
  /** Its credential bundle is in the folder. Only its Flow key row is missing. */
  | { kind: "sealed"; entry: JournalEntry }
  /** It is onboarded. `isOutdated`: its keys were rotated since, so the credential bundle in the folder is useless. */
  | { kind: "unchanged"; entry: JournalEntry; isOutdated: boolean }
  /** It cannot be onboarded. `isOutdated`: the credential bundle in the folder does not work. */
  | { kind: "refused"; message: string; remedy: string; isOutdated: boolean };

/** Where earlier runs left their results. */
export interface EarlierRuns {
  /** Undefined when the batch has no journal yet. */
  journal: Pick<Journal, "get"> | undefined;
  /** A read-only caller passes a `publishStaged` that does nothing and returns false. */
  folder: Pick<BundleFolder, "file" | "digest" | "publishStaged">;
  flowKeys: Pick<FlowKeys, "get">;
  inventory: Inventory;
}

/** Determines the state of a terminal from the journal, its credential bundle, its Flow key row and its identity. */
export async function readResumeState(terminal: Terminal, earlier: EarlierRuns): Promise<ResumeState> {
  const { journal, folder, flowKeys, inventory } = earlier;
  const { id, customer, site } = terminal;
  const [entry, digest] = await Promise.all([journal?.get(id), folder.digest(id)]);
  if (!entry) return stateWithoutEntry(terminal, digest, earlier);
  if (entry.customer !== customer || !isSameName(entry.site, site)) {
    return refused(
      t`an earlier run onboarded it for ${entry.customer}, site ${JSON.stringify(entry.site)}`,
      t`Correct the batch, or remove the terminal from it.`,
    );
  }
  const hasBundle = digest === entry.handoverSha256 || (await folder.publishStaged(id, entry.handoverSha256));
  const row = await flowKeys.get(customer, id);
  if (row && row.status !== "active") return revoked(id);
  const hasKeyOfBundle =
    row?.previousKeySha256 === entry.flowKeySha256 || row?.currentKeySha256 === entry.flowKeySha256;
  if (row && !hasKeyOfBundle && !entry.onboarded) {
    // Another run was faster, or the key was rotated after a run that was killed before it recorded the row.
    return refused(
      t`its Flow key is not the one in its credential bundle`,
      t`Its keys were rotated, or another run onboarded it: use the newer credential bundle. The one in this folder, if there is one, is renamed to .age.outdated.`,
      hasBundle,
    );
  }
  const identity = await inventory.identityStatus(id);
  if (identity === "disabled") {
    return refused(
      row
        ? t`its device identity is disabled, but its Flow key is active`
        : t`its device identity is disabled`,
      t`\`npx terminals revoke ${id} --reason TEXT\` closes all its access paths, \`npx terminals reinstate ${id}\` opens them again.`,
    );
  }
  if (!row && identity === "missing" && entry.onboarded) {
    return refused(
      t`it was onboarded from this batch and deleted since`,
      t`Remove it from the batch. To onboard it again, put it into a new batch with another --out.`,
    );
  }
  // A credential bundle is useless when the device identity with its keys was deleted.
  if (!row) return hasBundle && identity === "enabled" ? { kind: "sealed", entry } : { kind: "new" };
  if (identity === "missing") {
    return refused(
      t`its device identity does not exist in the IoT Hub, so its credential bundle does not work there`,
      t`\`npx terminals reinstate ${id}\` creates a new one, with a new credential bundle.`,
    );
  }
  if (!hasKeyOfBundle) return { kind: "unchanged", entry, isOutdated: hasBundle };
  if (hasBundle || row.previousKeySha256 === entry.flowKeySha256) {
    return { kind: "unchanged", entry, isOutdated: false };
  }
  return refused(
    t`it is onboarded, but its credential bundle ${folder.file(id)} is missing or was changed`,
    t`Restore the credential bundle from a copy: onboarding creates no second Flow key. If it is lost, run \`npx terminals revoke ${id} --reason TEXT\` and then \`npx terminals reinstate ${id}\`.`,
  );
}

async function stateWithoutEntry(
  { id, customer }: Terminal,
  digest: string | undefined,
  { folder, flowKeys, inventory }: EarlierRuns,
): Promise<ResumeState> {
  if (digest !== undefined) {
    return refused(
      t`${folder.file(id)} exists already, and was not created for this batch and IoT Hub`,
      t`Choose another folder with --out.`,
    );
  }
  const row = (await inventory.hadFlowKeyRow(id)) ? await flowKeys.get(customer, id) : undefined;
  if (!row) return { kind: "new" };
  if (row.status !== "active") return revoked(id);
  return refused(alreadyOnboarded().message, alreadyOnboarded().remedy);
}

/** A terminal that was onboarded with another journal and folder. */
export const alreadyOnboarded = () => ({
  message: t`it is onboarded already, and its credential bundle is not in this folder`,
  remedy: t`Use the credential bundle of that run, or copy its folder and its journal here. Onboarding creates no second Flow key.`,
});

function revoked(id: string): ResumeState {
  return refused(
    t`its Flow key is revoked`,
    t`A revoked terminal is not onboarded again: \`npx terminals reinstate ${id}\` gives it new keys.`,
  );
}

function refused(message: string, remedy: string, isOutdated = false): ResumeState {
  return { kind: "refused", message, remedy, isOutdated };
}
