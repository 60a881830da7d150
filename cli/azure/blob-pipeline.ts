import type { TokenCredential } from "@azure/identity";
import {
  newPipeline,
  type Pipeline,
  type RequestPolicy,
  type RequestPolicyFactory,
  type StoragePipelineOptions,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { idleMs, limitAnswer, observeAnswer, setAgent } from "./http.ts";
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
  const { firstMs, longestMs } = network.retries ?? { firstMs: 500, longestMs: 20_000 };
  const pipeline = newPipeline(options.credential, {
    retryOptions: options.retries ?? { maxTries: 7, retryDelayInMs: firstMs, maxRetryDelayInMs: longestMs },
  });
  pipeline.factories.push(new InjectorPolicyFactory(network, options.idleMs ?? network.idleMs ?? idleMs));
  return pipeline;
}

/**
 * `connectionPolicy` in the form that `@azure/storage-blob` uses. The SDK runs a factory for each try, instead of once
 * for all tries, only if its class has this name (12.32.0, Pipeline.js).
 */
class InjectorPolicyFactory implements RequestPolicyFactory {
  private readonly network: NetworkSettings;
  private readonly ms: number;

  constructor(network: NetworkSettings, ms: number) {
    this.network = network;
    this.ms = ms;
  }

  create(next: RequestPolicy): RequestPolicy {
    return {
      sendRequest: (request) => {
        // Storage declares its own request type. The members used here are the same.
        setAgent(request as unknown as Parameters<typeof setAgent>[0], this.network, this.ms);
        limitAnswer(request);
        return observeAnswer(this.network, request, next.sendRequest(request));
      },
    };
  }
}
