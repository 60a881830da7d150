import { ContainerClient } from "@azure/storage-blob";
import { blobPipeline } from "../azure/blob-pipeline.ts";
import type { NetworkSettings } from "../azure/network.ts";
import type { SignIn } from "../azure/sign-in.ts";
import type { StackOutputs } from "../azure/stack-outputs.ts";
import { Audit } from "./audit.ts";
import { AuditBlobs } from "./log-blobs.ts";
import { AuditLogWriter } from "./log-writer.ts";
import { PendingRecords, pendingFolder } from "./pending-records.ts";
import type { Actor } from "./record.ts";

/** How long the log's account may take to answer, in milliseconds; four tries, with the waits between them, make twelve seconds. */
const idleMs = 2_500;

/**
 * The stack's audit log, signed in to with Entra ID; nothing is asked of it yet. It gives up after some ten seconds,
 * sooner than other services: a change waits for it.
 * @param options.onTrouble Told, in words, when a record could not be written and the work went on.
 * @param options.folder Where such records wait; default in the user's data folder.
 */
export function openAudit(
  outputs: Pick<StackOutputs, "auditContainerUrl" | "operatorsGroupName">,
  who: SignIn,
  options: { network: NetworkSettings; onTrouble: (message: string) => void; folder?: string },
): Audit {
  const { auditContainerUrl: url, operatorsGroupName: group } = outputs;
  const pipeline = blobPipeline(options.network, {
    credential: who.credential,
    idleMs,
    retries: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 },
  });
  const blobs = new AuditBlobs(new ContainerClient(url, pipeline));
  return new Audit({
    blobs,
    log: new AuditLogWriter(blobs),
    pending: new PendingRecords(options.folder ?? pendingFolder(url)),
    who: () => signedIn(who),
    permission: () => ({
      actions: "reading and adding blobs (blobs/read, blobs/add/action)",
      scope: url,
      group,
      caller: who.caller(),
    }),
    onTrouble: options.onTrouble,
  });
}

async function signedIn(who: SignIn): Promise<Actor> {
  // The token that the log is going to ask for anyway. That it cannot be had is told when the log is written.
  if (!who.who()) await who.credential.getToken("https://storage.azure.com/.default").catch(() => {});
  return who.who() ?? { objectId: "unknown" };
}
