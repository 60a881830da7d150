import { createHttpHeaders, createPipelineRequest, proxyPolicy } from "@azure/core-rest-pipeline";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { networkFromEnvironment, proxyFor } from "../../../cli/azure/network.ts";

describe("networkFromEnvironment", () => {
  test("uses the first variable that the Azure SDKs use", () => {
    const names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];
    const env = Object.fromEntries(names.map((name, index) => [name, `http://proxy-${index}.example.com`]));
    for (const [index, name] of names.entries()) {
      expect(networkFromEnvironment(env)).toEqual({ proxyUrl: `http://proxy-${index}.example.com` });
      env[name] = "";
    }
    expect(networkFromEnvironment(env)).toEqual({});
  });

  test("splits NO_PROXY at commas and drops blanks", () => {
    const { noProxy } = networkFromEnvironment({ no_proxy: "localhost, .example.com,, " });
    expect(noProxy).toEqual(["localhost", ".example.com"]);
  });

  test("rejects a value that is no proxy URL by the variable's name, without the value", () => {
    for (const value of [
      "proxy.example.com:8080",
      "ftp://proxy.example.com",
      "user:secret@proxy",
      "http://",
    ]) {
      expect(() => networkFromEnvironment({ https_proxy: value })).toThrow(
        expect.objectContaining({ outcome: "usage", message: "https_proxy is not a proxy URL" }),
      );
    }
  });
});

/** Whether the SDK's own policy sends a request through the proxy. */
async function isProxiedBySdk(url: string, noProxy: string[]): Promise<boolean> {
  const policy = proxyPolicy(
    { host: "http://proxy.example.com", port: 8080 },
    { customNoProxyList: noProxy },
  );
  const request = createPipelineRequest({ url });
  await policy.sendRequest(request, async () => ({ request, status: 200, headers: createHttpHeaders() }));
  return request.agent !== undefined;
}

test("NO_PROXY excludes the same hosts as in the Azure SDKs", async () => {
  const label = fc.constantFrom("example", "blob", "com", "a");
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const pattern = fc.tuple(fc.constantFrom("", ".", "*."), host).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(host, fc.array(pattern, { maxLength: 3 }), async (hostname, noProxy) => {
      const url = `https://${hostname}/path`;
      const proxyUrl = "http://proxy.example.com:8080";
      const expected = (await isProxiedBySdk(url, noProxy)) ? proxyUrl : undefined;
      expect(proxyFor({ proxyUrl, noProxy }, url)).toBe(expected);
    }),
  );
});
