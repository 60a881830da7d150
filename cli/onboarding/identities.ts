import pMap from "p-map";
import type { Fleet } from "../azure/fleet.ts";
import type { DeviceKeys, Tags } from "../azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../credentials/device-keys.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Terminal } from "./batch-file/rows.ts";

/** What came of making sure that a terminal has its identity. */
export type IdentityResult = { keys: DeviceKeys } | { error: OperatorError };

const lookUpsAtOnce = 8;
/** Rounds for a bulk call that was half done: each makes what is still missing. */
const rounds = 3;

/**
 * Makes the identities of at most `bulkSize` terminals in one call. A terminal that has one keeps it with its keys,
 * which are read back; it is an error when the identity is disabled or another customer's or site's, or when the
 * terminal was onboarded already and its hand-over is not at hand.
 */
export async function ensureIdentities(
  terminals: Terminal[],
  fleet: Fleet,
): Promise<Map<string, IdentityResult>> {
  const done = new Map<string, IdentityResult>();
  let missing = terminals;
  for (let round = 1; missing.length > 0; round++) {
    const minted = new Map(missing.map(({ id }) => [id, mintDeviceKeys()]));
    const codes = await fleet.registry.create(
      missing.map((terminal) => ({
        id: terminal.id,
        keys: minted.get(terminal.id) as DeviceKeys,
        tags: deviceTags(terminal),
      })),
    );
    const inDoubt: Terminal[] = [];
    for (const terminal of missing) {
      const code = codes.get(terminal.id);
      if (code === undefined) done.set(terminal.id, { keys: minted.get(terminal.id) as DeviceKeys });
      else if (isDoubtful(code)) inDoubt.push(terminal);
      else done.set(terminal.id, notMade(code));
    }
    missing = [];
    await pMap(
      inDoubt,
      async (terminal) => {
        const found = await lookUp(terminal, fleet);
        if (found) done.set(terminal.id, found);
        else if (round < rounds) missing.push(terminal);
        else
          done.set(terminal.id, { error: new OperatorError("failed", "the hub does not make its identity") });
      },
      { concurrency: lookUpsAtOnce },
    );
  }
  return done;
}

/** Whether only a look tells if there is an identity; a failure of the hub's own may be over in the next round. */
function isDoubtful(code: string): boolean {
  return code === "DeviceAlreadyExists" || code === "Unknown" || /^(5|429)\d*$/.test(code);
}

/** Undefined when there is no identity after all. */
async function lookUp(terminal: Terminal, fleet: Fleet): Promise<IdentityResult | undefined> {
  const tags = await fleet.registry.tags(terminal.id);
  if (!tags) return undefined;
  for (const tag of ["customer", "site"] as const) {
    if (tags[tag] !== terminal[tag]) {
      return refuse(
        `its identity exists with the ${tag} ${JSON.stringify(tags[tag] ?? "")}, the batch says ${JSON.stringify(terminal[tag])}`,
        tags[tag] === undefined ? withoutTags : "Correct the batch, or take the terminal out of it.",
      );
    }
  }
  if (await fleet.flowKeys.get(terminal.customer, terminal.id)) {
    return refuse(
      "it was onboarded already, and its hand-over is not in this folder",
      "Use the hand-over of that run, or bring its folder and journal here. A second Flow key is never made.",
    );
  }
  const identity = await fleet.registry.get(terminal.id);
  if (!identity) return undefined;
  if (identity.status === "disabled") {
    return refuse(
      `its identity is disabled (${identity.statusReason ?? "no reason given"})`,
      "A revoked terminal is not onboarded again: take it out of the batch.",
    );
  }
  if (identity.authentication.type !== "sas") {
    return refuse(
      `its identity signs in with ${identity.authentication.type}, not with keys`,
      "Delete it first.",
    );
  }
  return { keys: identity.authentication.symmetricKey };
}

/** Whose device it is, nobody can tell: it may be in use by other software. */
const withoutTags =
  "Something else made it, or a run was cut short when the hub had made it without a twin. If nothing uses it, delete it and run this again.";

function notMade(code: string): IdentityResult {
  const remedy = code === "DeviceRegisteredWithoutTwin" ? { remedy: withoutTags } : {};
  return { error: new OperatorError("failed", `creating its identity: ${code}`, { code, ...remedy }) };
}

function refuse(message: string, remedy: string): IdentityResult {
  return { error: new OperatorError("failed", message, { remedy }) };
}

/** The tags of a terminal's identity. */
export function deviceTags({ customer, site, name }: Terminal): Tags {
  return { customer, site, ...(name ? { name } : {}) };
}
