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
import { Backoff, type BackoffRange } from "../../lib/backoff.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { explain, type Permission } from "../explain-error.ts";
import { connectionPolicy } from "../http.ts";
import type { NetworkSettings } from "../network.ts";
import { isPermanentNetworkError, unreachableError } from "../network-errors.ts";
import { ForeignAnswer } from "../service-answer.ts";
import { type Pacer, throttledWaitMs } from "./pacing.ts";

/** One call of the IoT Hub's service API. */
export interface HubCall {
  /** What the call does, in words. Error messages start with it. */
  doing: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Registry operations that the call counts as; default 0, for calls with another throttle. */
  registryOperations?: number;
  /** Whether it is a query. Queries have their own throttle. */
  isQuery?: boolean;
  /** The HTTP statuses that `send` returns. All others are errors. */
  expects: number[];
}

export interface HubAnswer {
  status: number;
  body: unknown;
  /** The service's error code, from the header iothub-errorcode or the body. */
  code: string | undefined;
  /** Continuation token of a query's next page. */
  continuation: string | undefined;
}

/** Pace the reads and the changes of device twins, which have throttles of their own. */
export interface TwinPacers {
  reads: Pacer;
  updates: Pacer;
}

const apiVersion = "2021-04-12";
const scope = "https://iothubs.azure.net/.default";
const timeoutMs = 60_000;
/** Attempts after a dropped connection or a 5xx. With the waits, they take about two minutes. */
const attempts = 8;
/**
 * Milliseconds of failures in a row after which a call fails, whatever its number of attempts. Without it, a service that
 * accepts connections and does not answer would hold a call for nine minutes.
 */
const giveUpMs = 120_000;
/** Attempts after a 429, in about twenty minutes. Other callers may use the whole throttle for a while. */
const throttledAttempts = 100;

/**
 * A client of the IoT Hub's service API over REST, with Entra ID tokens. It paces registry operations, queries
 * and calls for device twins, and retries calls. A retried call can reach the IoT Hub twice.
 */
export class HubClient {
  private readonly pipeline;
  private readonly http = createDefaultHttpClient();
  private readonly hostName: string;
  private readonly pacer: Pacer;
  private readonly queryPacer: Pacer | undefined;
  private readonly twinPacers: TwinPacers | undefined;
  private readonly permission: (path: string) => Permission;
  private readonly clock: Clock;
  private readonly retries: BackoffRange | undefined;
  private readonly random: () => number;
  private readonly signal: AbortSignal | undefined;

  constructor(options: {
    hostName: string;
    credential: TokenCredential;
    network: NetworkSettings;
    pacer: Pacer;
    /** Paces queries; default none. */
    queryPacer?: Pacer;
    /** Pace reads and changes of device twins; default none. */
    twinPacers?: TwinPacers;
    /** The permission for a path, for the remedy of an unauthorized call. */
    permission: (path: string) => Permission;
    clock?: Clock;
    random?: () => number;
    /** Aborting it ends the waits between attempts. */
    signal?: AbortSignal;
  }) {
    this.hostName = options.hostName;
    this.pacer = options.pacer;
    this.queryPacer = options.queryPacer;
    this.twinPacers = options.twinPacers;
    this.permission = options.permission;
    this.clock = options.clock ?? systemClock;
    this.retries = options.network.retries;
    this.random = options.random ?? Math.random;
    this.signal = options.signal;
    this.pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    });
    this.pipeline.addPolicy(connectionPolicy(options.network), { afterPhase: "Retry" });
    this.pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({ credential: options.credential, scopes: scope }),
      { phase: "Sign" },
    );
  }

  /** @throws OperatorError for a status that is not in `expects`. */
  async send(call: HubCall): Promise<HubAnswer> {
    const pacer = this.pacerOf(call);
    const backoff = new Backoff({ clock: this.clock, random: this.random, range: this.retries });
    let failingSince: number | undefined;
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1 && this.signal?.aborted) throw new OperatorError("interrupted", t`interrupted`);
      const permit = await pacer?.acquire(call.registryOperations ?? 1);
      const sentAt = this.clock.now();
      const isLastAttempt = () => {
        failingSince ??= sentAt;
        return attempt >= attempts || this.clock.now() - failingSince >= giveUpMs;
      };
      let answer: HubAnswer;
      try {
        answer = await this.sendOnce(call);
      } catch (error) {
        const isFinal = !isRestError(error) || !isWorthRetrying(error) || isLastAttempt();
        if (isFinal) throw explain(error, call.doing);
        await backoff.wait(this.signal);
        continue;
      }
      if (call.expects.includes(answer.status)) {
        this.expectSameDevice(call, answer);
        if (permit) pacer?.succeeded(permit);
        return answer;
      }
      if (answer.status === 429 && attempt < throttledAttempts) {
        failingSince = undefined;
        // With a pacer, all calls of its kind wait in `acquire`.
        if (permit) pacer?.throttled(permit);
        else await this.clock.sleep(throttledWaitMs(this.random), this.signal);
      } else if (answer.status >= 500 && !isLastAttempt()) {
        await backoff.wait(this.signal);
      } else {
        throw this.failure(answer, call.doing, call.path);
      }
    }
  }

  private pacerOf({ registryOperations, isQuery, method, path }: HubCall): Pacer | undefined {
    if (registryOperations) return this.pacer;
    if (isQuery) return this.queryPacer;
    if (!path.startsWith("/twins/")) return undefined;
    return method === "GET" ? this.twinPacers?.reads : this.twinPacers?.updates;
  }

  /** @throws OperatorError when the answer about a device names another one, or none: then it is not the IoT Hub's. */
  private expectSameDevice({ doing, method, path }: HubCall, { status, body }: HubAnswer): void {
    const id = /^\/(?:devices|twins)\/([^/?]+)$/.exec(path)?.[1];
    if (id === undefined || method === "POST" || status !== 200) return;
    const { deviceId } = (body ?? {}) as { deviceId?: unknown };
    if (String(deviceId).toLowerCase() === decodeURIComponent(id).toLowerCase()) return;
    const message = t`the answer did not come from the service: ${this.hostName} answered with 200 about another device`;
    throw unreachableError(new ForeignAnswer(message, status), doing);
  }

  /** The error for an unexpected answer. */
  failure(answer: HubAnswer, doing: string, path = "/devices"): unknown {
    const code = answer.code ?? `HTTP ${answer.status}`;
    const { status: statusCode } = answer;
    const request = { url: `https://${this.hostName}${path}` };
    const error = Object.assign(new Error(code), { name: "RestError", statusCode, code, request });
    return explain(error, doing, () => this.permission(path));
  }

  private async sendOnce(call: HubCall): Promise<HubAnswer> {
    const request = createPipelineRequest({
      url: `https://${this.hostName}${call.path}?api-version=${apiVersion}`,
      method: call.method,
      // The option `timeout` leaves a timer running when the connection fails, which delays the end of the process.
      abortSignal: AbortSignal.timeout(timeoutMs),
      headers: createHttpHeaders({ ...call.headers, "Content-Type": "application/json; charset=utf-8" }),
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
    });
    const sending = this.pipeline.sendRequest(this.http, request).catch((error: Error) => {
      if (error.name !== "AbortError") throw error;
      throw new RestError(t`no answer in ${timeoutMs / 1000} seconds`, { code: "Timeout" });
    });
    return parseAnswer(await sending);
  }
}

function isWorthRetrying(error: RestError): boolean {
  if (error instanceof ForeignAnswer) return error.isTransient;
  return !isPermanentNetworkError(error);
}

function parseAnswer(response: PipelineResponse): HubAnswer {
  let body: unknown;
  try {
    body = JSON.parse(response.bodyAsText || "null");
  } catch (error) {
    if (response.status < 300) {
      throw new OperatorError("unreachable", t`the response of the IoT Hub is not JSON`, { cause: error });
    }
  }
  const message = String((body as { Message?: unknown } | null)?.Message ?? "");
  return {
    status: response.status,
    body,
    code:
      response.headers.get("iothub-errorcode") ??
      /^ErrorCode:(\w+)|^\{"errorCode":(\d+)/.exec(message)?.slice(1).find(Boolean),
    continuation: response.headers.get("x-ms-continuation"),
  };
}
