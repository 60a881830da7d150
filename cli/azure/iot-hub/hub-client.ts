import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  isRestError,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { Backoff } from "../../lib/backoff.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { explain, type Permission } from "../explain-error.ts";
import { connectionPolicy } from "../http.ts";
import type { NetworkSettings } from "../network.ts";
import { type Pacer, throttledWaitMs } from "./pacing.ts";

/** One call to the hub's service side. */
export interface HubCall {
  /** What it is for, in the operator's words: it begins an error's message. */
  doing: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** How many registry operations it counts as; 0 or left out for calls that have a throttle of their own. */
  registryOperations?: number;
  /** Whether it is a query, which has a throttle of its own. */
  isQuery?: boolean;
  /** HTTP statuses that are an answer; all others are errors. */
  expects: number[];
}

export interface HubAnswer {
  status: number;
  body: unknown;
  /** The service's own code, from the header iothub-errorcode or the body. */
  code: string | undefined;
  /** Where the next page of a query begins. */
  continuation: string | undefined;
}

const apiVersion = "2021-04-12";
const scope = "https://iothubs.azure.net/.default";
const timeoutMs = 60_000;
/** Tries after a dropped connection or a 5xx; with the waits between them, about two minutes. */
const tries = 8;
/** Tries after a 429: other callers may use the hub up for a while. About twenty minutes. */
const throttledTries = 100;

/**
 * The service side of an IoT Hub over REST, with Entra ID tokens.
 * It paces registry operations and queries, and tries again what is worth it; the same call can reach the hub twice.
 */
export class HubClient {
  private readonly pipeline;
  private readonly http = createDefaultHttpClient();
  private readonly hostName: string;
  private readonly pacer: Pacer;
  private readonly queryPacer: Pacer | undefined;
  private readonly permission: (path: string) => Permission;
  private readonly clock: Clock;
  private readonly random: () => number;

  constructor(options: {
    hostName: string;
    credential: TokenCredential;
    network: NetworkSettings;
    pacer: Pacer;
    /** The pace of queries; default none, until the hub refuses one. */
    queryPacer?: Pacer;
    /** The right that a call to this path needs, for the remedy of a 403. */
    permission: (path: string) => Permission;
    clock?: Clock;
    random?: () => number;
  }) {
    this.hostName = options.hostName;
    this.pacer = options.pacer;
    this.queryPacer = options.queryPacer;
    this.permission = options.permission;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    this.pipeline.addPolicy(connectionPolicy(options.network), { afterPhase: "Retry" });
    this.pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({ credential: options.credential, scopes: scope }),
      { phase: "Sign" },
    );
  }

  /** @throws OperatorError for any status that the call does not expect. */
  async send(call: HubCall): Promise<HubAnswer> {
    const pacer = call.registryOperations ? this.pacer : call.isQuery ? this.queryPacer : undefined;
    const backoff = new Backoff({ clock: this.clock, random: this.random });
    for (let attempt = 1; ; attempt++) {
      const permit = await pacer?.take(call.registryOperations ?? 1);
      let answer: HubAnswer;
      try {
        answer = await this.once(call);
      } catch (error) {
        if (!isRestError(error) || attempt >= tries) throw explain(error, call.doing);
        await backoff.wait();
        continue;
      }
      if (call.expects.includes(answer.status)) {
        if (permit) pacer?.succeeded(permit);
        return answer;
      }
      if (answer.status === 429 && attempt < throttledTries) {
        // A pacer makes every call of its kind wait; other calls wait here.
        if (permit) pacer?.throttled(permit);
        else await this.clock.sleep(throttledWaitMs(this.random));
      } else if (answer.status >= 500 && attempt < tries) {
        await backoff.wait();
      } else {
        throw this.failure(answer, call.doing, call.path);
      }
    }
  }

  /** What an answer that is not expected means to the operator. */
  failure(answer: HubAnswer, doing: string, path = "/devices"): unknown {
    const code = answer.code ?? `HTTP ${answer.status}`;
    const error = Object.assign(new Error(code), { name: "RestError", statusCode: answer.status, code });
    return explain(error, doing, () => this.permission(path));
  }

  private async once(call: HubCall): Promise<HubAnswer> {
    const request = createPipelineRequest({
      url: `https://${this.hostName}${call.path}?api-version=${apiVersion}`,
      method: call.method,
      // The request's own `timeout` leaves a timer behind when the connection fails, which holds up the program's end.
      abortSignal: AbortSignal.timeout(timeoutMs),
      headers: createHttpHeaders({ ...call.headers, "Content-Type": "application/json; charset=utf-8" }),
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
    });
    const sending = this.pipeline.sendRequest(this.http, request).catch((error: Error) => {
      if (error.name !== "AbortError") throw error;
      throw new RestError(`no answer in ${timeoutMs / 1000} seconds`, { code: "Timeout" });
    });
    return read(await sending);
  }
}

function read(response: PipelineResponse): HubAnswer {
  let body: unknown;
  try {
    body = JSON.parse(response.bodyAsText || "null");
  } catch (error) {
    if (response.status < 300) {
      throw new OperatorError("unreachable", "the hub's answer is not JSON", { cause: error });
    }
  }
  const message = String((body as { Message?: unknown } | null)?.Message ?? "");
  return {
    status: response.status,
    body,
    code: response.headers.get("iothub-errorcode") ?? /^ErrorCode:(\w+)/.exec(message)?.[1],
    continuation: response.headers.get("x-ms-continuation"),
  };
}
