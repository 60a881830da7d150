import type { Fleet } from "../azure/fleet.ts";
import { conflict, updateOptimistically } from "../azure/optimistic-update.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type LabelChange, type Labels, labelsOf, maxLabels } from "./labels.ts";
import { readTwin } from "./read-twin.ts";

/** Reads the labels and the note of a terminal. @throws OperatorError when the IoT Hub has no such terminal. */
export async function readLabels(
  terminal: string,
  fleet: Pick<Fleet, "twins" | "registry">,
): Promise<Labels> {
  return labelsOf((await readTwin(terminal, fleet)).tags);
}

/**
 * Writes and removes labels, and the note. Labels that are not named stay. Doing it again changes nothing.
 * @returns The labels and the note afterwards.
 * @throws OperatorError when the terminal would have too many labels, or does not exist.
 */
export async function setLabels(
  terminal: string,
  { set, remove, note }: LabelChange,
  fleet: Pick<Fleet, "twins" | "registry">,
): Promise<Labels> {
  return updateOptimistically(t`the device twin ${terminal}`, async () => {
    const twin = await readTwin(terminal, fleet);
    const before = labelsOf(twin.tags);
    const removed = Object.fromEntries(remove.map((key) => [key, null]));
    const after = { ...before.labels, ...set };
    for (const key of remove) delete after[key];
    if (Object.keys(after).length > maxLabels) {
      throw new OperatorError("usage", t`${terminal} would have more than ${maxLabels} labels`, {
        remedy: t`Remove some: --remove KEY.`,
      });
    }
    const tags = {
      labels: { ...set, ...removed },
      ...(note === undefined ? {} : { note: note === "" ? null : note }),
    };
    const changed = await fleet.twins.patch(terminal, { tags }, twin.etag);
    return changed ? labelsOf(changed.tags) : conflict;
  });
}
