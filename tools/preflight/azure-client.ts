import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
  redirectPolicyName,
} from "@azure/core-rest-pipeline";
import {
  connectionPolicy,
  type NetworkSettings,
  OperatorError,
  type SignIn,
} from "@terminal-fleet/cli/azure-access";
import { z } from "zod";

/** An error answer in Azure's own form. */
export class ServiceError extends Error {
  readonly status: number;
  /** For example AuthorizationFailed. */
  readonly code: string;
  /** The codes of the error and of all errors in it. */
  readonly codes: string[];

  constructor(status: number, error: ErrorBody) {
    super(error.message ?? error.code);
    this.status = status;
    this.code = error.code;
    this.codes = codesOf(error);
  }
}

/** An error of Azure Resource Manager or Microsoft Graph. The details can hold further errors. */
export interface ErrorBody {
  code: string;
  message?: string | null;
  details?: ErrorBody[] | null;
}

const errorBody: z.ZodType<ErrorBody> = z.lazy(() =>
  z.looseObject({
    code: z.string().min(1),
    message: z.string().nullish(),
    details: z.array(errorBody).nullish(),
  }),
);

/** The codes of an error and of all errors in it, the outer one first. */
export function codesOf({ code, details }: ErrorBody): string[] {
  return [code, ...(details ?? []).flatMap(codesOf)];
}

const errorAnswer = z.looseObject({ error: errorBody });
const page = z.looseObject({ value: z.array(z.unknown()), nextLink: z.string().nullish() });
const operationResult = z.looseObject({ status: z.string().optional(), error: errorBody.optional() });

/** Waits between two reads of a long-running operation, in milliseconds, when Azure names none. */
const pollMs = 2_000;

/**
 * Reads one of Azure's JSON services. It calls the service's own host only: it follows no redirect and no link to
 * another host, and believes an error only in Azure's form. Everything else came from another server.
 */
export class AzureClient {
  readonly host: string;
  private readonly pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 5_000 },
  });
  private readonly http = createDefaultHttpClient();

  /** @param host For example management.azure.com. It is also the audience of the tokens. */
  constructor(host: string, signIn: SignIn, network: NetworkSettings) {
    this.host = host;
    this.pipeline.removePolicy({ name: redirectPolicyName });
    this.pipeline.addPolicy(connectionPolicy(network, 30_000), { afterPhase: "Retry" });
    this.pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({ credential: signIn.credential, scopes: `https://${host}/.default` }),
      { phase: "Sign" },
    );
  }

  /**
   * @param path With its query, for example /subscriptions/ID?api-version=2022-12-01.
   * @throws ServiceError for an error of the service; OperatorError when another server answered.
   */
  async get<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.infer<Shape>> {
    return this.read(shape, await this.send("GET", `https://${this.host}${path}`, signal));
  }

  /** All pages of a list. @throws As `get`. */
  async list<Shape extends z.ZodType>(
    path: string,
    item: Shape,
    signal: AbortSignal,
  ): Promise<z.infer<Shape>[]> {
    const items: z.infer<Shape>[] = [];
    let url: string | undefined = `https://${this.host}${path}`;
    while (url) {
      const { value, nextLink }: z.infer<typeof page> = this.read(page, await this.send("GET", url, signal));
      items.push(...this.check(z.array(item), value));
      url = nextLink ? this.ownUrl(nextLink) : undefined;
    }
    return items;
  }

  /** A POST that reads: Azure has some reads whose question is too long for a URL. @throws As `get`. */
  async ask<Shape extends z.ZodType>(
    path: string,
    body: object,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.infer<Shape>> {
    return this.read(shape, await this.send("POST", `https://${this.host}${path}`, signal, body));
  }

  /**
   * A POST that reads and takes its time: Azure answers 202 with the place of the result.
   * @throws As `get`. An operation that ended with an error throws a ServiceError too.
   */
  async askAndWait(path: string, body: object, signal: AbortSignal): Promise<void> {
    let response = await this.send("POST", `https://${this.host}${path}`, signal, body);
    while (response.status === 202) {
      const location = response.headers.get("location");
      if (!location) throw this.notAzure("202 without the place of the result");
      const seconds = Number(response.headers.get("retry-after") ?? pollMs / 1000);
      await wait(Number.isFinite(seconds) ? seconds * 1000 : pollMs, signal);
      response = await this.send("GET", this.ownUrl(location), signal);
    }
    const { error } = this.read(operationResult, response);
    if (error) throw new ServiceError(response.status, error);
  }

  private async send(
    method: "GET" | "POST",
    url: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<PipelineResponse> {
    const request = createPipelineRequest({
      url,
      method,
      abortSignal: signal,
      headers: createHttpHeaders({ Accept: "application/json", "Content-Type": "application/json" }),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return this.pipeline.sendRequest(this.http, request);
  }

  private read<Shape extends z.ZodType>(shape: Shape, response: PipelineResponse): z.infer<Shape> {
    let body: unknown;
    try {
      body = JSON.parse(response.bodyAsText ?? "");
    } catch {
      throw this.notAzure(`HTTP ${response.status} without JSON`);
    }
    if (response.status >= 200 && response.status < 300) return this.check(shape, body);
    const refusal = errorAnswer.safeParse(body);
    if (!refusal.success) throw this.notAzure(`HTTP ${response.status} without Azure's error`);
    throw new ServiceError(response.status, refusal.data.error);
  }

  private check<Shape extends z.ZodType>(shape: Shape, value: unknown): z.infer<Shape> {
    const result = shape.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const where = issue?.path.join(".") || "the whole answer";
    throw new OperatorError(
      "failed",
      `${this.host} answered in an unknown form (${where}: ${issue?.message})`,
      {
        remedy: "Report this text to the maintainers: Azure may have changed this answer.",
      },
    );
  }

  private ownUrl(link: string): string {
    const url = URL.parse(link, `https://${this.host}`);
    if (url?.protocol === "https:" && url.host === this.host) return url.href;
    throw this.notAzure(`a link to another host (${url?.host ?? "unreadable"})`);
  }

  private notAzure(what: string): OperatorError {
    return new OperatorError("unreachable", `${this.host} was answered by another server: ${what}`, {
      remedy: "Check the network and the proxy in HTTPS_PROXY, and run this again.",
    });
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    signal.addEventListener("abort", stop, { once: true });
  });
}
