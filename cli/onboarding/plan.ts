import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import { timeAtPace } from "../azure/iot-hub/pacing.ts";
import type { BundleFolder } from "../credentials/bundle-folder.ts";
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
  /** Terminals that get all of it: identity, container, hand-over and Flow row. */
  new: number;
  /** Terminals whose identity is there, with its keys, and that get the rest. */
  continued: number;
  /** Terminals whose sealed hand-over is there and that get their Flow row. */
  finished: number;
  /** Terminals that are onboarded already and stay as they are. */
  unchanged: number;
  /** Terminals that cannot be onboarded: disabled, or onboarded elsewhere. */
  refused: number;
  /** Whether the customer's shared key would be made. */
  newSharedKey: boolean;
  /** How long the hub's throttle makes it take, in seconds; 0 where the first minute's allowance does. */
  seconds: number;
}

const disabled = {
  message: "its identity is disabled",
  remedy: "A revoked terminal is not onboarded again: take it out of the batch.",
};

const rowsAtOnce = 16;
const chunkSize = 1_000;

/**
 * Finds out what `onboard` would do; changes nothing. What the hub has is asked with a query, whose index lags some
 * seconds behind.
 * @param journal Left out when the batch has none yet.
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
  // No more of the folder than what looks: what a kill left half done there is not completed here.
  const { flowKeys } = fleet;
  const looking = { file: (id: string) => folder.file(id), digest: (id: string) => folder.digest(id) };
  const memory = { journal, folder: looking, flowKeys, inventory };
  const counts = { new: 0, continued: 0, finished: 0, unchanged: 0, refused: 0 };
  const judge = async (terminal: Terminal): Promise<keyof typeof counts | Refusal> => {
    const recalled = await readResumeState(terminal, memory);
    if (recalled.kind === "sealed") return "finished";
    if (recalled.kind === "refused") {
      return { terminal: terminal.id, message: recalled.message, remedy: recalled.remedy };
    }
    if (recalled.kind !== "new") return recalled.kind;
    const identity = await inventory.indexedStatus(terminal.id);
    if (identity === "missing") return "new";
    return identity === "enabled" ? "continued" : { terminal: terminal.id, ...disabled };
  };
  let chunk: Terminal[] = [];
  const judgeChunk = async () => {
    for (const judged of await pMap(chunk, judge, { concurrency: rowsAtOnce })) {
      counts[typeof judged === "string" ? judged : "refused"]++;
      if (typeof judged !== "string") onRefused(judged);
    }
    chunk = [];
  };
  for await (const terminal of readBatch(batch)) {
    chunk.push(terminal);
    if (chunk.length === chunkSize) await judgeChunk();
  }
  await judgeChunk();
  // A terminal that is continued costs its part of the bulk call, and one more to read its keys.
  const operations = counts.new + 2 * counts.continued;
  return {
    ...counts,
    newSharedKey: !(await fleet.customers.has(batch.customer)),
    seconds: Math.ceil(timeAtPace(operations, fleet.registryOperationsPerMinute) / 1000),
  };
}
