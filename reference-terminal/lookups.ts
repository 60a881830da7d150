import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import {
  type CredentialBundle,
  connectionPolicy,
  type NetworkSettings,
} from "@terminal-fleet/cli/terminal-support";

/** A response of the Flow API. */
export interface LookupAnswer {
  status: number;
  body: string;
}

/** Short, because a person waits at the terminal. */
const timeoutMs = 10_000;
const attempts = 3;

/** The terminal's live lookups at the Flow API. */
export class Lookups {
  private readonly currentBundle: () => CredentialBundle;
  private readonly http = createDefaultHttpClient();
  private readonly pipeline = createPipelineFromOptions({
    // It waits for the time in Retry-After after 429 and 503.
    retryOptions: { maxRetries: attempts - 1, retryDelayInMs: 500, maxRetryDelayInMs: 5_000 },
    // The keys are for the Flow API only.
    redirectOptions: { maxRetries: 0 },
  });

  /** @param currentBundle Returns the current keys, because they are rotated. */
  constructor(currentBundle: () => CredentialBundle, network: NetworkSettings) {
    this.currentBundle = currentBundle;
    this.pipeline.addPolicy(connectionPolicy(network), { afterPhase: "Retry" });
  }

  /**
   * Sends a lookup, and retries it when the service is busy or does not answer.
   * @param path Path of the resource, for example "v1/employees/1001".
   * @returns The response with any status. 401: the terminal or a key is not accepted, and a retry does not help.
   * @throws Error when there is no response.
   */
  async get(path: string): Promise<LookupAnswer> {
    const { flow, terminalId } = this.currentBundle();
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
