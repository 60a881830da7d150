import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The proxy settings of the operating system. */
export interface SystemProxy {
  /** host:port of the proxy for HTTPS; undefined without one. */
  proxy?: string;
  /** Hosts without proxy. "*" stands for any text. */
  exceptions: string[];
  /** URL of the PAC script; undefined without one. */
  pac?: string;
}

const internetSettings = String.raw`HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings`;
const commandMs = 3_000;

/**
 * Reads the proxy settings of Windows (of this user) and of macOS. Elsewhere programs use environment variables.
 * @param system Value of `process.platform`.
 */
export async function readSystemProxy(system: NodeJS.Platform = process.platform): Promise<SystemProxy> {
  if (system === "win32") return parseInternetSettings(await run("reg", ["query", internetSettings]));
  if (system === "darwin") return parseScutil(await run("scutil", ["--proxy"]));
  return { exceptions: [] };
}

/** Reads the output of `reg query`. Source: "Configure proxy server settings in Windows", registry values. */
export function parseInternetSettings(text: string): SystemProxy {
  const value = (name: string) =>
    new RegExp(`^\\s*${name}\\s+REG_\\w+\\s+(.*?)\\s*$`, "im").exec(text)?.[1] || undefined;
  const isEnabled = Number(value("ProxyEnable") ?? 0) !== 0;
  // One proxy for all, or "http=host:port;https=host:port".
  const servers = (value("ProxyServer") ?? "").split(";").map((one) => one.trim());
  const own = servers.find((one) => /^https=/i.test(one)) ?? servers.find((one) => !one.includes("="));
  const proxy = own?.replace(/^https=/i, "").replace(/^https?:\/\//i, "") || undefined;
  return {
    proxy: isEnabled ? proxy : undefined,
    exceptions: isEnabled ? splitList(value("ProxyOverride")) : [],
    pac: value("AutoConfigURL"),
  };
}

/** Reads the output of `scutil --proxy`. */
export function parseScutil(text: string): SystemProxy {
  const value = (name: string) => new RegExp(`^\\s*${name}\\s*:\\s*(.*?)\\s*$`, "m").exec(text)?.[1];
  const isOn = (name: string) => value(name) === "1";
  const list = /ExceptionsList\s*:\s*<array>\s*\{([^}]*)\}/.exec(text)?.[1] ?? "";
  return {
    proxy: isOn("HTTPSEnable") ? `${value("HTTPSProxy")}:${value("HTTPSPort") ?? 443}` : undefined,
    exceptions: [...list.matchAll(/\d+\s*:\s*(\S+)/g)].map(([, host = ""]) => host),
    pac: isOn("ProxyAutoConfigEnable") ? value("ProxyAutoConfigURLString") : undefined,
  };
}

/** Whether an exception of the system's settings holds for a host. "<local>": names without a dot. */
export function isException(host: string, exceptions: readonly string[]): boolean {
  return exceptions.some((pattern) => {
    if (pattern.toLowerCase() === "<local>") return !host.includes(".");
    const source = pattern.split("*").map(RegExp.escape).join(".*");
    return new RegExp(`^${source}$`, "i").test(host);
  });
}

function splitList(text: string | undefined): string[] {
  return (text ?? "")
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

async function run(program: string, args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { timeout: commandMs })).stdout;
  } catch {
    // Without the settings, the connection is direct, as it is for programs that cannot read them.
    return "";
  }
}
