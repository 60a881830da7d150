import { createResourceManagerEndpoint } from "../../../sandbox/resource-manager/rest-api/endpoint.ts";
import type { TestSandbox } from "../../support/test-sandbox.ts";

export interface RestAnswer {
  status: number;
  headers: Headers;
  // The tests compare the parts that they are about.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any form
  body: any;
}

interface RestOptions {
  headers?: Record<string, string>;
  /** Default: the newest version that the tests' types share with azure-native. */
  version?: string;
  /** Default: Owner of the subscription. */
  roles?: string[];
}

const versions: [part: RegExp, version: string][] = [
  [/microsoft\.authorization\/roledefinitions/i, "2022-04-01"],
  [/microsoft\.authorization/i, "2022-04-01"],
  [/microsoft\.insights\/diagnosticsettings/i, "2021-05-01-preview"],
  [/microsoft\.insights\/metricalerts/i, "2018-03-01"],
  [/microsoft\.insights\/scheduledqueryrules/i, "2023-12-01"],
  [/microsoft\.insights\/actiongroups/i, "2023-01-01"],
  [/microsoft\.operationalinsights/i, "2023-09-01"],
  [/microsoft\.apimanagement/i, "2024-05-01"],
  [/microsoft\.storage/i, "2024-01-01"],
  [/microsoft\.devices/i, "2023-06-30"],
];

/** Calls of management.azure.com without an SDK, so that each status and header can be seen. */
export class RestCalls {
  readonly subscription: string;
  private readonly sandbox: TestSandbox;
  private readonly endpoint: ReturnType<typeof createResourceManagerEndpoint>;
  private readonly tokens = new Map<string, string>();

  constructor(sandbox: TestSandbox) {
    this.sandbox = sandbox;
    this.subscription = `/subscriptions/${sandbox.azure.subscriptionId}`;
    this.endpoint = createResourceManagerEndpoint(sandbox.azure, sandbox.accountKeys);
  }

  /** @param path Below management.azure.com, or a URL there; with or without api-version. */
  async send(
    method: string,
    path: string,
    content?: unknown,
    options: RestOptions = {},
  ): Promise<RestAnswer> {
    const url = new URL(path, "https://management.azure.com");
    const last = url.pathname.slice(url.pathname.lastIndexOf("/providers/"));
    const isOwn = /^\/providers\/[^/]+(\/(un)?register)?$/.test(last);
    const usual = (isOwn ? undefined : versions.find(([part]) => part.test(last))?.[1]) ?? "2021-04-01";
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", options.version ?? usual);
    const response = await this.endpoint.fetch(
      new Request(url, {
        method,
        headers: {
          authorization: `Bearer ${await this.token(options.roles ?? ["Owner"])}`,
          ...(content === undefined ? {} : { "content-type": "application/json" }),
          ...options.headers,
        },
        body: content === undefined ? undefined : JSON.stringify(content),
      }),
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  /** Creates a resource, and follows its operation. @returns The resource. */
  async create(path: string, content: unknown): Promise<RestAnswer["body"]> {
    const answer = await this.send("PUT", path, content);
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return (await this.send("GET", path)).body;
  }

  private async token(roles: string[]): Promise<string> {
    const key = roles.join();
    const known = this.tokens.get(key);
    if (known) return known;
    const principal = this.sandbox.principal(...roles.map((role) => ({ role })));
    const { token } = await principal.getToken("https://management.azure.com");
    this.tokens.set(key, token);
    return token;
  }
}
