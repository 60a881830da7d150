import type { TokenCredential } from "@azure/identity";
import {
  newPipeline,
  type Pipeline,
  type RequestPolicyFactory,
  type StoragePipelineOptions,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { idleMs, observeAnswer, setAgent } from "./http.ts";
import type { NetworkSettings } from "./network.ts";

/** How a blob client signs, retries and gives up. */
export interface BlobPipelineOptions {
  /** Default none, for a URL with its own signature. */
  credential?: StorageSharedKeyCredential | TokenCredential;
  /** Milliseconds without data after which a connection is closed; default `idleMs`. Large uploads get more. */
  idleMs?: number;
  /** Default 7 tries, with up to 20 seconds between them. */
  retries?: StoragePipelineOptions["retryOptions"];
}

/**
 * The pipeline of a blob client. Requests have no time limit: storage limits how long it works on one, and a limit here
 * would end blocks that arrive over a slow line.
 */
export function blobPipeline(network: NetworkSettings, options: BlobPipelineOptions = {}): Pipeline {
  const pipeline = newPipeline(options.credential, {
    retryOptions: options.retries ?? { maxTries: 7, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
  });
  pipeline.factories.push(connectionPolicyFactory(network, options.idleMs ?? idleMs));
  return pipeline;
}

/** `connectionPolicy` in the form that `@azure/storage-blob` uses. */
function connectionPolicyFactory(network: NetworkSettings, ms: number): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest(request) {
        // Storage declares its own request type. The members used here are the same.
        setAgent(request as unknown as Parameters<typeof setAgent>[0], network, ms);
        return observeAnswer(network, request.url, next.sendRequest(request));
      },
    }),
  };
}
