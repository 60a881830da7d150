import type { Fleet } from "../../azure/fleet.ts";
import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RotationRecord } from "./record.ts";

/** Shared by all rotations of one run. */
export interface RotationContext {
  fleet: Fleet;
  clock: Clock;
  /** ID of this run. It is stored in the records that the run claims. */
  runId: string;
  /** The terminals with a record that this run has claimed. */
  claimed: Set<string>;
  /** How long the old keys stay valid after the terminal was seen using the new ones, in milliseconds. */
  graceMs: number;
  /** Receives bundles for terminals that cannot get keys through the IoT Hub. Default: these terminals fail. */
  bundles?: { folder: BundleFolder; seal(content: CredentialBundle): Promise<Uint8Array> };
  /** Whether all terminals get their keys as a file; default false. */
  filesOnly?: boolean;
  /** Whether to accept a terminal that reports another age recipient than before; default false. */
  acceptsNewRecipient?: boolean;
  /** Whether to deliver new keys again that an earlier run has delivered; default false. */
  deliversAgain?: boolean;
  /** The customer's next subscription key, when the run rotates it. */
  nextKey?: NextSubscriptionKey;
}

/** A customer's next subscription key during its rotation. */
export interface NextSubscriptionKey {
  value: string;
  sha256: string;
  /** The earliest time of its delivery, in milliseconds: then every gateway accepts it. */
  readyAt: number;
  /** Whether the old subscription key is invalid. */
  isFinished: boolean;
  /** Terminals that did not use it at the last check. The old key stays valid until they do. */
  missingTerminals: string[];
  /** The time of the next check, in milliseconds. */
  nextCheckAt: number;
}

/** A rotation that this run has claimed, with the twin as it was read. */
export interface ClaimedRotation {
  terminal: string;
  customer: string;
  site: string;
  twin: DeviceTwin;
  record: RotationRecord;
}

/**
 * Checks that this run still owns the rotation. It is called between reading a Flow key row or an identity and writing it
 * under its ETag. Then a run that has lost the rotation cannot overwrite the keys that the new owner delivered.
 * @throws ConflictError when the twin was modified since it was read.
 */
export async function expectStillClaimed(
  { terminal, twin }: Pick<ClaimedRotation, "terminal" | "twin">,
  { fleet }: RotationContext,
): Promise<void> {
  if ((await fleet.twins.get(terminal))?.etag !== twin.etag) throw new ConflictError();
}

/** Another client modified the terminal since it was read. The step must start again from the current state. */
export class ConflictError extends Error {}
