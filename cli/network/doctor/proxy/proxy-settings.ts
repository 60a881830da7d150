import { type NetworkSettings, networkFromEnvironment, proxyFor } from "../../../azure/network.ts";
import { OperatorError } from "../../../lib/operator-error.ts";
import { t } from "../../../words/translate.ts";
import { loadPac } from "./pac.ts";
import type { ProxyChoice, ProxySource } from "./proxy-choice.ts";
import { isException, readSystemProxy, type SystemProxy } from "./system-proxy.ts";

/** How the doctor chooses the proxy of each destination. */
export interface ProxySettings {
  /** Null: no proxy at all. */
  source: ProxySource | null;
  /** The proxy for a URL; undefined for a direct connection. */
  proxyFor(url: string): Promise<ProxyChoice | undefined>;
}

export interface ProxyOptions {
  /** `--proxy`: URL of a proxy, or "none" for direct connections. */
  proxy?: string;
  /** `--pac`: URL or path of a PAC script. */
  pac?: string;
  /** Settings of the environment variables. Default: those of this process. */
  network?: NetworkSettings;
  /** Settings of the operating system. Default: those of this computer. */
  system?: () => Promise<SystemProxy>;
}

/**
 * Chooses where the proxy comes from: the options, else the environment, else the operating system, with its PAC script
 * before its fixed proxy, as Windows does.
 * @throws OperatorError when an option or a variable is no proxy, or a script cannot be read.
 */
export async function chooseProxy(options: ProxyOptions): Promise<ProxySettings> {
  if (options.proxy === "none") return direct;
  if (options.proxy !== undefined) return fixed({ url: parseProxy(options.proxy), source: "option" });
  if (options.pac !== undefined) return { source: "pac", proxyFor: await loadPac(options.pac) };
  const network = options.network ?? networkFromEnvironment();
  if (network.proxyUrl !== undefined) {
    return {
      source: "environment",
      async proxyFor(url) {
        const proxy = proxyFor(network, url);
        return proxy === undefined ? undefined : { url: new URL(proxy), source: "environment" };
      },
    };
  }
  const system = await (options.system ?? readSystemProxy)();
  if (system.pac !== undefined) return { source: "pac", proxyFor: await loadPac(system.pac) };
  const url = system.proxy === undefined ? null : URL.parse(`http://${system.proxy}`);
  if (!url) return direct;
  return {
    source: "system",
    async proxyFor(target) {
      return isException(new URL(target).hostname, system.exceptions) ? undefined : { url, source: "system" };
    },
  };
}

const direct: ProxySettings = { source: null, proxyFor: async () => undefined };

function fixed(choice: ProxyChoice): ProxySettings {
  return { source: choice.source, proxyFor: async () => choice };
}

/** @throws OperatorError without the value, because it can hold a password. */
function parseProxy(text: string): URL {
  const url = URL.parse(text);
  const isProxy = url && /^https?:$/.test(url.protocol) && url.hostname !== "";
  if (isProxy && !`${url.pathname}${url.search}${url.hash}`.includes("@")) return url;
  throw new OperatorError("usage", t`--proxy is not a proxy URL`, {
    remedy: t`Include the scheme and the port: --proxy http://proxy.example.com:8080, or --proxy none.`,
  });
}
