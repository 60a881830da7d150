import { ContainerClient } from "@azure/storage-blob";
import { blobPipeline } from "../azure/blob-pipeline.ts";
import type { NetworkSettings } from "../azure/network.ts";
import type { SignIn } from "../azure/sign-in.ts";
import type { StackOutputs } from "../azure/stack-outputs.ts";
import { t } from "../words/translate.ts";
import { Audit, type AuditTimeouts } from "./audit.ts";
import { AuditBlobs } from "./log-blobs.ts";
import { AuditLogWriter } from "./log-writer.ts";
import { PendingRecords, pendingFolder } from "./pending-records.ts";
import type { Actor } from "./record.ts";

/** The time limits of the audit log, in milliseconds. */
export interface AuditLogTimeouts extends AuditTimeouts {
  /** Time without an answer after which a request is tried again. Four tries and the waits take 12 seconds. */
  idleMs: number;
  /** Wait after the first failed try. It doubles with each try. */
  retryDelayMs: number;
}

/** Shorter than for other services, since every change waits for the log. */
const defaultTimeouts: AuditLogTimeouts = {
  idleMs: 2_500,
  retryDelayMs: 500,
  patienceMs: 3_000,
  flushMs: 15_000,
};

/**
 * Opens the stack's audit log with a sign-in to Entra ID. It sends no request yet.
 * @param options.onTrouble Called with a message when a record could not be written and the change continues.
 * @param options.folder Folder of pending records; default: in the user's data folder.
 * @param options.timeouts Default: requests are given up after about 12 seconds.
 */
export function openAudit(
  outputs: Pick<StackOutputs, "auditContainerUrl" | "operatorsGroupName">,
  signIn: SignIn,
  options: {
    network: NetworkSettings;
    onTrouble: (message: string) => void;
    folder?: string;
    timeouts?: AuditLogTimeouts;
  },
): Audit {
  const { auditContainerUrl: url, operatorsGroupName: group } = outputs;
  const { idleMs, retryDelayMs, ...timeouts } = options.timeouts ?? defaultTimeouts;
  const pipeline = blobPipeline(options.network, {
    credential: signIn.credential,
    idleMs,
    retries: { maxTries: 4, retryDelayInMs: retryDelayMs, maxRetryDelayInMs: 8 * retryDelayMs },
  });
  const blobs = new AuditBlobs(new ContainerClient(url, pipeline));
  return new Audit({
    blobs,
    log: new AuditLogWriter(blobs),
    pending: new PendingRecords(options.folder ?? pendingFolder(url)),
    actor: () => signedInActor(signIn),
    permission: () => ({
      actions: t`reading and adding blobs (blobs/read, blobs/add/action)`,
      scope: url,
      group,
      caller: signIn.caller(),
    }),
    onTrouble: options.onTrouble,
    timeouts,
  });
}

async function signedInActor(signIn: SignIn): Promise<Actor> {
  // Uses the token that the log needs anyway. A failed sign-in is reported when the log is written.
  if (!signIn.who()) await signIn.credential.getToken("https://storage.azure.com/.default").catch(() => {});
  return signIn.who() ?? { objectId: "unknown" };
}
