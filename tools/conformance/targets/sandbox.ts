import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ClientSecretCredential } from "@azure/identity";
import { sandboxEnvironment, startSandbox } from "@terminal-fleet/sandbox/in-process";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { Target } from "./target.ts";

/** Starts a sandbox in this process, in a temporary folder that is deleted at the end. */
export async function openSandboxTarget({ region = "westeurope" } = {}): Promise<Target> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
  // Feedback comes after a second instead of 15, as a check waits for it in real time.
  const hubDelays = { feedbackDelayMs: 1000 };
  const sandbox = await startSandbox({ dir: join(folder, "sandbox"), hubDelays });
  cleanUp.defer(() => sandbox.close());
  const environment = sandboxEnvironment(sandbox, "deployer") as Record<string, string>;
  setDefaultCACertificates([...getCACertificates("default"), sandbox.proxy.ca]);
  const agent = new HttpsProxyAgent(sandbox.proxy.url, { keepAlive: true });
  cleanUp.defer(() => agent.destroy());
  const { protocol, hostname, port } = new URL(sandbox.proxy.url);
  const proxyOptions = { host: `${protocol}//${hostname}`, port: Number(port) };
  const signIn = () =>
    new ClientSecretCredential(
      environment.AZURE_TENANT_ID as string,
      environment.AZURE_CLIENT_ID as string,
      environment.AZURE_CLIENT_SECRET as string,
      { proxyOptions },
    );
  let credential = signIn();
  const move = async (seconds: number) => {
    sandbox.clock.move(seconds * 1000);
    // Tokens that this process has cached may have expired by the sandbox's clock.
    credential = signIn();
  };
  const parts = cleanUp.move();
  return {
    name: "sandbox",
    subscriptionId: sandbox.azure.subscriptionId,
    region,
    credential: { getToken: (scopes, options) => credential.getToken(scopes, options) },
    clientOptions: { proxyOptions },
    agent,
    plainAgent: new HttpsProxyAgent(sandbox.proxy.url),
    now: () => sandbox.clock.now(),
    pass: move,
    hasten: move,
    pollMs: 20,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
