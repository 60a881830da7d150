import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import type { Handover, NetworkSettings } from "@terminal-fleet/cli/terminal-support";
import { connectionPolicy } from "@terminal-fleet/cli/terminal-support";

/** What the Flow API answered. */
export interface LookupAnswer {
  status: number;
  body: string;
}

/** Somebody stands at the terminal and waits. */
const timeoutMs = 10_000;
const tries = 3;

/** A terminal's live lookups at the Flow API, through the gateway's two doors. */
export class Lookups {
  private readonly keys: () => Handover;
  private readonly http = createDefaultHttpClient();
  private readonly pipeline = createPipelineFromOptions({
    // It waits as long as Retry-After says after 429 and 503.
    retryOptions: { maxRetries: tries - 1, retryDelayInMs: 500, maxRetryDelayInMs: 5_000 },
  });

  /** @param keys What the terminal works with at the moment: its keys are renewed now and then. */
  constructor(keys: () => Handover, network: NetworkSettings) {
    this.keys = keys;
    this.pipeline.addPolicy(connectionPolicy(network), { afterPhase: "Retry" });
  }

  /**
   * Asks once, and again when the service is busy or does not answer.
   * @param path What is looked up, for example "v1/employees/1001".
   * @returns Any answer: 401 says that the terminal or a key is not accepted, and asking again does not help.
   * @throws Error when there is no answer.
   */
  async get(path: string): Promise<LookupAnswer> {
    const { flow, terminalId } = this.keys();
    const request = createPipelineRequest({
      url: `${flow.url}/${path}`,
      timeout: timeoutMs,
      headers: createHttpHeaders({
        "Ocp-Apim-Subscription-Key": flow.sharedKey,
        "X-Terminal-Id": terminalId,
        "X-Terminal-Key": flow.terminalKey,
      }),
    });
    const { status, bodyAsText } = await this.pipeline.sendRequest(this.http, request);
    return { status, body: bodyAsText ?? "" };
  }
}
