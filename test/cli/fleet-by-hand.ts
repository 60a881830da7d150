import type { Fleet } from "../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../cli/credentials/device-keys.ts";

/** A terminal with an identity and an open Flow row, and no container; made in bulk, faster than onboarding is. */
export async function makeTerminals(
  { registry, flowKeys }: Fleet,
  ids: string[],
  { customer, site }: { customer: string; site: string },
): Promise<void> {
  await registry.create(ids.map((id) => ({ id, keys: mintDeviceKeys(), tags: { customer, site } })));
  await addRows({ flowKeys }, ids, { customer, site });
}

/** Open Flow rows. */
export async function addRows(
  { flowKeys }: Pick<Fleet, "flowKeys">,
  ids: string[],
  { customer, site }: { customer: string; site: string },
): Promise<void> {
  const row = {
    currentKeySha256: "x",
    previousKeySha256: "",
    status: "active" as const,
    site,
    keyCreatedAt: "2026-01-01T00:00:00.000Z",
    sharedKeySha256: "",
  };
  await flowKeys.add(customer, new Map(ids.map((id) => [id, row])));
}

/** Ids PREFIX-0, PREFIX-1, … */
export function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
}
