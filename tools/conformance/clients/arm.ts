import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../targets/target.ts";
import { type Answer, bearer, send } from "./http.ts";

const host = "https://management.azure.com";

/** API versions by a part of the path; the last part of the path decides. */
const versions: [part: RegExp, version: string][] = [
  [/microsoft\.authorization/i, "2022-04-01"],
  [/microsoft\.apimanagement/i, "2024-05-01"],
  [/microsoft\.storage/i, "2024-01-01"],
  [/microsoft\.devices/i, "2023-06-30"],
  [/microsoft\.operationalinsights/i, "2023-09-01"],
];

export interface ArmOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: a version that the sandbox and Azure have. "" leaves the parameter out. */
  version?: string;
}

/** Calls of Azure Resource Manager without an SDK. */
export class ArmClient {
  readonly target: Target;
  /** The path of the subscription. */
  readonly subscription: string;

  private readonly signal: AbortSignal | undefined;

  /** @param signal Ends waits for a resource. */
  constructor(target: Target, signal?: AbortSignal) {
    this.target = target;
    this.signal = signal;
    this.subscription = `/subscriptions/${target.subscriptionId}`;
  }

  /** @param path Below management.azure.com, with or without other query parameters than api-version. */
  async send(method: string, path: string, { body, headers, version }: ArmOptions = {}): Promise<Answer> {
    const url = new URL(path, host);
    const last = url.pathname.slice(url.pathname.lastIndexOf("/providers/"));
    const usual = versions.find(([part]) => part.test(last))?.[1] ?? "2021-04-01";
    if (version !== "") url.searchParams.set("api-version", version ?? usual);
    const authorization = await bearer(this.target, `${host}/.default`);
    return send(this.target, method, url.href, { headers: { ...authorization, ...headers }, body });
  }

  /**
   * Creates or changes a resource, and waits until it is ready.
   * @param minutes Time after which it fails; default 15.
   * @returns The resource.
   * @throws Error with the status and body of a refusal.
   */
  async create(path: string, body: unknown, { minutes = 15 } = {}): Promise<Answer["json"]> {
    const answer = await this.send("PUT", path, { body });
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`);
    const deadline = Date.now() + minutes * 60_000;
    for (;;) {
      const got = await this.send("GET", path);
      const { provisioningState, state } = got.json?.properties ?? {};
      const reached = String(provisioningState ?? state ?? "Succeeded");
      if (got.status === 200 && /^(succeeded|active|created)$/i.test(reached)) return got.json;
      if (/^(failed|canceled)$/i.test(reached)) throw new Error(`${path} is ${reached}: ${got.text}`);
      if (Date.now() > deadline) throw new Error(`${path} was not ready after ${minutes} minutes`);
      await sleep(this.target.pollMs, undefined, { signal: this.signal });
    }
  }

  /** The code of an error answer; undefined for another body. */
  static codeOf({ json }: Answer): string | undefined {
    return json?.error?.code ?? json?.code;
  }
}
