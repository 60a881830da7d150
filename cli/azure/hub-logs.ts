import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { t } from "../words/translate.ts";
import { explain, type Permission } from "./explain-error.ts";
import { connectionPolicy } from "./http.ts";
import type { NetworkSettings } from "./network.ts";
import { logAnalyticsHost } from "./service-errors.ts";

const scope = "https://api.loganalytics.io/.default";
const timeoutMs = 30_000;

/** A line of a query's result, by column. */
export type LogLine = Record<string, unknown>;

/**
 * The IoT Hub's logs in Log Analytics. A query for one resource needs the role Reader on that resource only, and finds the
 * workspace by itself. Source: azure-monitor/logs/api/azure-resource-queries.
 */
export class HubLogs {
  private readonly hubResourceId: string;
  private readonly permission: () => Permission;
  private readonly http = createDefaultHttpClient();
  private readonly pipeline;

  constructor(options: {
    hubResourceId: string;
    credential: TokenCredential;
    network: NetworkSettings;
    permission: () => Permission;
  }) {
    this.hubResourceId = options.hubResourceId;
    this.permission = options.permission;
    this.pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 1 },
      redirectOptions: { maxRetries: 0 },
    });
    this.pipeline.addPolicy(connectionPolicy(options.network), { afterPhase: "Retry" });
    this.pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({ credential: options.credential, scopes: scope }),
      { phase: "Sign" },
    );
  }

  /**
   * Runs a query in the Kusto language on the IoT Hub's logs. A table without any line is empty.
   * @throws OperatorError when the logs cannot be read.
   */
  async query(query: string, doing: string): Promise<LogLine[]> {
    try {
      return await this.send(query);
    } catch (error) {
      throw explain(error, doing, this.permission);
    }
  }

  private async send(query: string): Promise<LogLine[]> {
    const request = createPipelineRequest({
      url: `https://${logAnalyticsHost}/v1${this.hubResourceId}/query`,
      method: "POST",
      abortSignal: AbortSignal.timeout(timeoutMs),
      headers: createHttpHeaders({ "Content-Type": "application/json" }),
      body: JSON.stringify({ query }),
    });
    const { status, bodyAsText } = await this.pipeline
      .sendRequest(this.http, request)
      .catch((error: Error) => {
        if (error.name !== "AbortError") throw error;
        throw restError(t`no answer in ${timeoutMs / 1000} seconds`);
      });
    const body = parseAnswer(bodyAsText);
    if (status === 200 && Array.isArray(body?.tables)) return toLines(body.tables[0]);
    if (body?.error && isUnknownTable(body.error)) return [];
    throw restError(body?.error?.message ?? `HTTP ${status}`, {
      statusCode: status,
      code: body?.error?.code,
      request: { url: request.url },
    });
  }
}

interface QueryError {
  code?: string;
  message?: string;
  innererror?: QueryError;
}

interface QueryAnswer {
  tables?: { columns: { name: string }[]; rows: unknown[][] }[];
  error?: QueryError;
}

function parseAnswer(text: string | null | undefined): QueryAnswer | undefined {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return typeof body === "object" && body !== null ? (body as QueryAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/** A workspace has a table from the table's first line on. Before, a query of it is a semantic error. */
function isUnknownTable({ innererror }: QueryError): boolean {
  return innererror !== undefined && (innererror.code === "SEM0100" || isUnknownTable(innererror));
}

function toLines(table: NonNullable<QueryAnswer["tables"]>[number] | undefined): LogLine[] {
  const names = table?.columns.map(({ name }) => name) ?? [];
  return (table?.rows ?? []).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

function restError(
  message: string,
  details: { statusCode?: number; code?: string; request?: { url: string } } = {},
): Error {
  return Object.assign(new Error(message), { name: "RestError", ...details });
}
