import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { timeAtPace } from "../azure/iot-hub/pacing.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
import { t } from "../words/translate.ts";
import { type Batch, readBatch } from "./batch-file/batch.ts";
import type { Terminal } from "./batch-file/rows.ts";
import { Inventory } from "./inventory.ts";
import type { Journal } from "./journal.ts";
import { readResumeState } from "./resume-state.ts";

/** A terminal of a batch that cannot be onboarded. */
export interface Refusal {
  terminal: string;
  message: string;
  remedy: string;
}

/** What onboarding a batch would do, in numbers of terminals. */
export interface Plan {
  /** Terminals without anything: they get a device identity, container, credential bundle and Flow key row. */
  new: number;
  /** Terminals with a device identity, which keeps its keys. They get the rest. */
  continued: number;
  /** Terminals with a credential bundle. They get their Flow key row. */
  finished: number;
  /** Terminals that are onboarded already. */
  unchanged: number;
  /** Terminals that cannot be onboarded, for example because they are revoked. */
  refused: number;
  /** Whether the customer would get a new subscription key. */
  newSharedKey: boolean;
  /** How long the IoT Hub's throttle makes it take, in seconds; 0 for a batch within the first minute's limit. */
  seconds: number;
}

const disabledIdentity = () => ({
  message: t`its device identity is disabled`,
  remedy: t`A revoked terminal is not onboarded again: remove it from the batch.`,
});

const concurrentStateReads = 16;
const chunkSize = 1_000;

/**
 * Determines what `onboard` would do. Changes nothing. The device identities are read from the query index, which lags by
 * some seconds.
 * @param journal Undefined when the batch has no journal yet.
 * @param onRefused Called for each terminal that cannot be onboarded, in the order of the batch.
 */
export async function planOnboarding(
  batch: Batch,
  fleet: Fleet,
  folder: Pick<BundleFolder, "digest" | "file">,
  journal: Pick<Journal, "get"> | undefined,
  onRefused: (refusal: Refusal) => void = () => {},
): Promise<Plan> {
  const inventory = new Inventory(batch.customer, fleet);
  const readOnlyFolder = {
    file: (id: string) => folder.file(id),
    digest: (id: string) => folder.digest(id),
    publishStaged: async () => false,
  };
  const earlier = { journal, folder: readOnlyFolder, flowKeys: fleet.flowKeys, inventory };
  const counts = { new: 0, continued: 0, finished: 0, unchanged: 0, refused: 0 };
  const classify = async (terminal: Terminal): Promise<keyof typeof counts | Refusal> => {
    const state = await readResumeState(terminal, earlier);
    if (state.kind === "sealed") return "finished";
    if (state.kind === "refused") {
      return { terminal: terminal.id, message: state.message, remedy: state.remedy };
    }
    if (state.kind !== "new") return state.kind;
    const identity = await inventory.indexedStatus(terminal.id);
    if (identity === "missing") return "new";
    return identity === "enabled" ? "continued" : { terminal: terminal.id, ...disabledIdentity() };
  };
  let chunk: Terminal[] = [];
  const countChunk = async () => {
    for (const result of await pMap(chunk, classify, { concurrency: concurrentStateReads })) {
      counts[typeof result === "string" ? result : "refused"]++;
      if (typeof result !== "string") onRefused(result);
    }
    chunk = [];
  };
  for await (const terminal of readBatch(batch)) {
    chunk.push(terminal);
    if (chunk.length === chunkSize) await countChunk();
  }
  await countChunk();
  // A continued terminal takes two operations: its part of the bulk call, and the read of its keys.
  const operations = counts.new + 2 * counts.continued;
  return {
    ...counts,
    newSharedKey: !(await fleet.customers.has(batch.customer)),
    seconds: Math.ceil(timeAtPace(operations, fleet.registryOperationsPerMinute) / 1000),
  };
}
