import type { BackoffRange } from "../lib/backoff.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { StallWatch } from "./stall-watch.ts";

/**
 * How clients reach Azure. Every client gets these settings when it is created, and none reads the environment later.
 * Clients that share one settings object also share its connections.
 */
export interface NetworkSettings {
  /** URL of an HTTP proxy, for example http://proxy.example.com:8080. It can hold a password. Default: none. */
  readonly proxyUrl?: string;
  /** Hosts that are reached without the proxy. `.example.com` includes its subdomains. Default: none. */
  readonly noProxy?: readonly string[];
  /** PEM certificates of the authorities to trust, in place of those that Node trusts. Default: Node's. */
  readonly ca?: string | string[];
  /** Milliseconds without data after which a connection is closed during a request. Default: a minute. */
  readonly idleMs?: number;
  /** Shortest and longest wait before a failed request is sent again. Default: half a second to 20 seconds. */
  readonly retries?: BackoffRange;
  /** Receives the time of every answer. Default: none. */
  readonly clockWatch?: ClockWatch;
  /** Receives the outcome of every request. Default: none. */
  readonly stallWatch?: StallWatch;
}

/** The Azure SDKs use the first of these that is set, in upper case before lower case. */
const proxyVariables = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/**
 * Reads HTTPS_PROXY and NO_PROXY as the Azure SDKs do (`proxyPolicy` of @azure/core-rest-pipeline).
 * @throws OperatorError when the proxy variable holds no proxy URL. It names the variable without its value, because
 *   the URL can hold a password.
 */
export function networkFromEnvironment(env: NodeJS.ProcessEnv = process.env): NetworkSettings {
  const noProxy = variable(env, "NO_PROXY")
    ?.split(",")
    .map((host) => host.trim());
  return { proxyUrl: proxyUrlOf(env), noProxy: noProxy?.filter((host) => host !== "") };
}

/** The proxy for a URL; undefined when the URL is reached directly. */
export function proxyFor({ proxyUrl, noProxy = [] }: NetworkSettings, url: string): string | undefined {
  if (!proxyUrl || noProxy.length === 0) return proxyUrl;
  const { hostname } = new URL(url);
  const isDirect = noProxy.some((pattern) =>
    pattern.startsWith(".") ? `.${hostname}`.endsWith(pattern) : hostname === pattern,
  );
  return isDirect ? undefined : proxyUrl;
}

function proxyUrlOf(env: NodeJS.ProcessEnv): string | undefined {
  const name = proxyVariables.find((one) => variable(env, one));
  if (name === undefined) return undefined;
  const value = variable(env, name) as string;
  const url = URL.parse(value);
  const shown = env[name] ? name : name.toLowerCase();
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new OperatorError("usage", t`${shown} is not a proxy URL`, {
      remedy: t`Include the scheme and the port, for example http://proxy.example.com:8080. ${encodingRemedy()}`,
    });
  }
  if (!isDecodable(url)) {
    throw new OperatorError("usage", t`the user and password in ${shown} cannot be read`, {
      remedy: encodingRemedy(),
    });
  }
  return value;
}

const encodingRemedy = () =>
  t`Percent-encode special characters of the user and password: @ is %40, : is %3A, / is %2F, # is %23, % is %25.`;

/** Whether user and password are percent-encoded, and no part of them was read as a path or fragment. */
function isDecodable({ username, password, pathname, search, hash }: URL): boolean {
  if (`${pathname}${search}${hash}`.includes("@")) return false;
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}
