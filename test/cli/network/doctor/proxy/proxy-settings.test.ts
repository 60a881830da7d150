import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chooseProxy } from "../../../../../cli/network/doctor/proxy/proxy-settings.ts";
import {
  parseInternetSettings,
  parseScutil,
  type SystemProxy,
} from "../../../../../cli/network/doctor/proxy/system-proxy.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { startHttp } from "../../../../support/loopback-network.ts";

const url = "https://example-hub.azure-devices.net:443/";
const noSystem = async (): Promise<SystemProxy> => ({ exceptions: [] });
const script = `function FindProxyForURL(url, host) {
  if (dnsDomainIs(host, ".azure-devices.net")) return "PROXY proxy.example.com:8080; DIRECT";
  if (shExpMatch(host, "*.teamviewer.com")) return "HTTPS secure.example.com:8443";
  return "DIRECT";
}`;

describe("the proxy comes from", () => {
  test("--proxy before the environment, and --proxy none means no proxy", async () => {
    const network = { proxyUrl: "http://other.example.com:1" };
    const own = await chooseProxy({ proxy: "http://proxy.example.com:8080", network });
    expect(await own.proxyFor(url)).toMatchObject({ source: "option" });
    expect((await chooseProxy({ proxy: "none", network })).source).toBeNull();
  });

  test("the environment before the system, with the hosts of NO_PROXY direct", async () => {
    const network = { proxyUrl: "http://proxy.example.com:8080", noProxy: [".core.windows.net"] };
    const system = async () => ({ proxy: "system.example.com:80", exceptions: [] });
    const { source, proxyFor } = await chooseProxy({ network, system });
    expect(source).toBe("environment");
    expect((await proxyFor(url))?.url.host).toBe("proxy.example.com:8080");
    expect(await proxyFor("https://files.blob.core.windows.net:443/")).toBeUndefined();
  });

  test("the system, with its exceptions direct", async () => {
    const system = async () => ({
      proxy: "system.example.com:8080",
      exceptions: ["*.core.windows.net", "<local>"],
    });
    const { proxyFor } = await chooseProxy({ network: {}, system });
    expect(await proxyFor(url)).toMatchObject({ source: "system" });
    expect(await proxyFor("https://files.blob.core.windows.net/")).toBeUndefined();
    expect(await proxyFor("https://printer/")).toBeUndefined();
  });

  test("a PAC file, whose first choice counts for each host", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(folder.file("proxy.pac"), script);
    const { source, proxyFor } = await chooseProxy({ pac: folder.file("proxy.pac"), network: {} });
    expect(source).toBe("pac");
    expect((await proxyFor(url))?.url.href).toBe("http://proxy.example.com:8080/");
    expect((await proxyFor("https://www.teamviewer.com/"))?.url.href).toBe(
      "https://secure.example.com:8443/",
    );
    expect(await proxyFor("https://files.blob.core.windows.net/")).toBeUndefined();
  });

  test("the PAC script that the system names by its URL", async () => {
    await using server = await startHttp((_, res) => res.end(script));
    const system = async () => ({ pac: `http://127.0.0.1:${server.port}/wpad.dat`, exceptions: [] });
    const { source, proxyFor } = await chooseProxy({ network: {}, system });
    expect(source).toBe("pac");
    expect((await proxyFor(url))?.url.host).toBe("proxy.example.com:8080");
  });

  test.each([
    ["answers 404", "nothing here", 404],
    ["is no script", "<html>", 200],
  ])("no PAC script that %s: the error names its address and the remedy", async (_, body, status) => {
    await using server = await startHttp((_req, res) => res.writeHead(status).end(body));
    const pac = `http://127.0.0.1:${server.port}/wpad.dat`;
    await expect(chooseProxy({ pac, network: {} })).rejects.toMatchObject({
      outcome: "usage",
      message: expect.stringContaining(pac),
      remedy: expect.stringContaining("--proxy"),
    });
  });

  test("no wrong --proxy: the error does not repeat its password", async () => {
    for (const proxy of [
      "proxy.example.com:8080",
      "ftp://user:secret@proxy",
      "http://user:se/cret@proxy:80",
    ]) {
      await expect(chooseProxy({ proxy, network: {}, system: noSystem })).rejects.toThrow(
        /^--proxy is not a proxy URL$/,
      );
    }
  });
});

describe("the settings of the operating system", () => {
  const registry = (...lines: string[]) =>
    ["", "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings", ...lines].join(
      "\r\n",
    );

  test("of Windows: a proxy for all protocols, its exceptions, and the script", () => {
    const text = registry(
      "    ProxyEnable    REG_DWORD    0x1",
      "    ProxyServer    REG_SZ    proxy.example.com:8080",
      "    ProxyOverride    REG_SZ    *.example.com;<local>",
      "    AutoConfigURL    REG_SZ    http://wpad.example.com/wpad.dat",
    );
    expect(parseInternetSettings(text)).toEqual({
      proxy: "proxy.example.com:8080",
      exceptions: ["*.example.com", "<local>"],
      pac: "http://wpad.example.com/wpad.dat",
    });
  });

  test("of Windows: a proxy for each protocol, and one that is switched off", () => {
    const each = "    ProxyServer    REG_SZ    http=a.example.com:80;https=b.example.com:8443";
    expect(parseInternetSettings(registry("    ProxyEnable    REG_DWORD    0x1", each)).proxy).toBe(
      "b.example.com:8443",
    );
    expect(parseInternetSettings(registry("    ProxyEnable    REG_DWORD    0x0", each))).toEqual({
      exceptions: [],
    });
  });

  test("of macOS: the proxy for HTTPS, its exceptions, and the script", () => {
    const text = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  HTTPSEnable : 1
  HTTPSPort : 8080
  HTTPSProxy : proxy.example.com
  ProxyAutoConfigEnable : 0
}`;
    expect(parseScutil(text)).toEqual({
      proxy: "proxy.example.com:8080",
      exceptions: ["*.local", "169.254/16"],
    });
  });
});
