import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import type { Handover } from "../handover/handover.ts";
import { keepProxyConnectionsPolicy } from "../http.ts";

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
  private readonly flow: Handover["flow"];
  private readonly terminalId: string;
  private readonly http = createDefaultHttpClient();
  private readonly pipeline = createPipelineFromOptions({
    // It waits as long as Retry-After says after 429 and 503.
    retryOptions: { maxRetries: tries - 1, retryDelayInMs: 500, maxRetryDelayInMs: 5_000 },
  });

  constructor({ flow, terminalId }: Handover) {
    this.flow = flow;
    this.terminalId = terminalId;
    this.pipeline.addPolicy(keepProxyConnectionsPolicy, { afterPhase: "Retry" });
  }

  /**
   * Asks once, and again when the service is busy or does not answer.
   * @param path What is looked up, for example "v1/employees/1001".
   * @returns Any answer: 401 says that the terminal or a key is not accepted, and asking again does not help.
   * @throws Error when there is no answer.
   */
  async get(path: string): Promise<LookupAnswer> {
    const request = createPipelineRequest({
      url: `${this.flow.url}/${path}`,
      timeout: timeoutMs,
      headers: createHttpHeaders({
        "Ocp-Apim-Subscription-Key": this.flow.sharedKey,
        "X-Terminal-Id": this.terminalId,
        "X-Terminal-Key": this.flow.terminalKey,
      }),
    });
    const { status, bodyAsText } = await this.pipeline.sendRequest(this.http, request);
    return { status, body: bodyAsText ?? "" };
  }
}
