import type { Fleet } from "../../azure/fleet.ts";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RotationRecord } from "./record.ts";

/** What all rotations of a run share. */
export interface RotationContext {
  fleet: Fleet;
  clock: Clock;
  /** Names this run in the records that it works on. */
  run: string;
  /** Terminals whose records this run has made its own. */
  mine: Set<string>;
  /** How long the old keys work on after the terminal was seen using the new ones, in milliseconds. */
  graceMs: number;
  /** Where keys go that cannot go through the hub; left out when they cannot go anywhere else. */
  file?: { folder: BundleFolder; seal(content: CredentialBundle): Promise<Uint8Array> };
  /** Whether all keys go into files. */
  filesOnly?: boolean;
  /** Whether a terminal that reports another recipient than before is believed. */
  newRecipient?: boolean;
  /** Whether what was handed over before this run is handed over anew. */
  again?: boolean;
  /** The customer's next shared key, when the run renews it. */
  shared?: NextSharedKey;
}

/** A customer's shared key that is being rolled out. */
export interface NextSharedKey {
  value: string;
  sha256: string;
  /** From when on it can be handed over, in milliseconds: every gateway knows it by then. */
  readyAt: number;
  /** Whether the old one is no more. */
  finished: boolean;
  /** Terminals that did not work with it when that was looked at last: until they do, the old one stays. */
  waitsFor: string[];
  /** When to look again, in milliseconds. */
  lookAgainAt: number;
}

/** A terminal's rotation as a run finds it. */
export interface Rotating {
  terminal: string;
  customer: string;
  site: string;
  twin: DeviceTwin;
  record: RotationRecord;
}

/**
 * That a terminal's rotation is still this run's. Asked between reading a row or an identity and changing it if it is
 * as it was read: then no run that has lost the rotation overwrites what the one that has it handed over.
 * @throws Changed when somebody else has it now.
 */
export async function stillOurs(
  { terminal, twin }: Pick<Rotating, "terminal" | "twin">,
  { fleet }: RotationContext,
): Promise<void> {
  if ((await fleet.twins.get(terminal))?.etag !== twin.etag) throw new Changed();
}

/** The services were changed by somebody else meanwhile: what was decided has to be decided again. */
export class Changed extends Error {}
