import { chmodSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signInError } from "../../../cli/azure/sign-in-errors.ts";
import { startBadProxy } from "../../support/bad-proxy.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { runCli } from "../run-cli.ts";

let fleet: DeployedFleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let outputs: string;

beforeAll(async () => {
  fleet = await deployFleet();
  folder = await temporaryFolder();
  outputs = folder.file("outputs.json");
  writeFileSync(outputs, JSON.stringify(fleet.outputs));
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const status = (env: Record<string, string>) =>
  runCli(["status", "--outputs", outputs], { env: { ...fleet.env, ...env } });

test("an untrusted certificate is named with its host and issuer, and the remedy is NODE_EXTRA_CA_CERTS", async () => {
  const { code, stderr } = await status({ NODE_EXTRA_CA_CERTS: "" });
  expect(code, stderr).toBe(4);
  expect(stderr).toMatch(
    /signing in to Azure: the certificate is not accepted: .*login\.microsoftonline\.com, issued by ".+"/,
  );
  expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
  expect(stderr).toContain("Never switch the verification off");
});

test("a proxy that asks for a sign-in is named, and its password is not shown", async () => {
  await using proxy = await startBadProxy(407, () => true, fleet.proxy.url);
  const { code, stderr } = await status({ HTTPS_PROXY: `http://operator:s3cret-word@${proxy.host}` });
  expect(code, stderr).toBe(4);
  expect(stderr).toContain(
    `signing in to Azure: the proxy ${proxy.host} answered CONNECT for login.microsoftonline.com:443 with 407`,
  );
  expect(stderr).toContain("http://USER:PASSWORD@HOST:PORT");
  expect(stderr).not.toContain("s3cret");
});

test.each(["http://operator:50%off@127.0.0.1:8080", "http://operator:1#2@127.0.0.1:8080"])(
  "a proxy URL that cannot be read is refused by its variable, without its value: %s",
  async (url) => {
    const { code, stderr } = await status({ HTTPS_PROXY: url });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("in HTTPS_PROXY cannot be read");
    expect(stderr).toContain("Percent-encode");
    expect(stderr).not.toMatch(/50%off|1#2/);
  },
);

test("a host name that cannot be resolved is named", async () => {
  const { code, stderr } = await status({ HTTPS_PROXY: "http://proxy.invalid:8080" });
  expect(code, stderr).toBe(4);
  expect(stderr).toContain("signing in to Azure: the proxy proxy.invalid:8080 cannot be reached");
});

test.runIf(process.platform !== "win32")("what the Azure CLI writes is the reason", async () => {
  const az = folder.file("az");
  const text =
    "ERROR: ... (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))";
  writeFileSync(az, `#!/bin/sh\ncat >&2 <<'END'\n${text}\nEND\nexit 1\n`);
  chmodSync(az, 0o700);
  const path = `${folder.path}:${process.env.PATH}`;
  const { code, stderr } = await status({ PATH: path, AZURE_CLIENT_ID: "", AZURE_CLIENT_SECRET: "" });
  expect(code, stderr).toBe(4);
  expect(stderr).toContain(
    "the proxy answered the Azure CLI's CONNECT with 407 Proxy Authentication Required",
  );
});

describe("signInError", () => {
  const said = (text: string) =>
    signInError(
      Object.assign(
        new Error(`ChainedTokenCredential authentication failed.\nCredentialUnavailableError: ${text}`),
        { name: "AggregateAuthenticationError" },
      ),
    );

  test.each([
    [
      "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)')))",
      "does not accept the certificate: self-signed certificate in certificate chain",
      "REQUESTS_CA_BUNDLE",
    ],
    ["OSError('Tunnel connection failed: 403 Forbidden')", "CONNECT with 403 Forbidden", "HTTPS_PROXY"],
    [
      "InvalidProxyURL: Please check proxy URL. It is malformed and could be missing the host.",
      "cannot read the proxy's URL",
      "http://HOST:PORT",
    ],
    [
      "Failed to establish a new connection: [Errno -2] Name or service not known",
      "cannot resolve a host name",
      "DNS",
    ],
    [
      "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Read timed out.",
      "got no answer in time",
      "network",
    ],
    ["Unexpected end of JSON input", "did not answer in 60 seconds", "az account get-access-token"],
  ])("%s", (text, message, remedy) => {
    expect(said(text)).toMatchObject({
      outcome: "unreachable",
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });

  test.each([
    ["AADSTS7000215: Invalid client secret provided.", "AADSTS7000215", "AZURE_CLIENT_SECRET is wrong"],
    ["AADSTS7000222: The provided client secret keys are expired.", "AADSTS7000222", "has expired"],
    ["AADSTS700082: The refresh token has expired due to inactivity.", "AADSTS700082", "az login"],
    [
      "AADSTS53003: Access has been blocked by Conditional Access policies.",
      "AADSTS53003",
      "Conditional Access",
    ],
    ["AADSTS999999: Something new.", "AADSTS999999", "az login"],
  ])("%s", (text, code, remedy) => {
    expect(said(text)).toMatchObject({
      outcome: "notAllowed",
      code,
      remedy: expect.stringContaining(remedy),
    });
  });

  test("a missing `az login` is no network failure", () => {
    expect(
      said("Please run 'az login' from a command prompt to authenticate before using this credential."),
    ).toMatchObject({
      outcome: "notAllowed",
      message: "not signed in to Azure",
    });
  });
});
