import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addTestPrincipals, type Person } from "../entra-id/test-principals.ts";
import { createTokenEndpoint } from "../entra-id/token-endpoint.ts";
import { startProxy } from "../proxy/proxy.ts";
import { startProviders } from "../pulumi-providers/providers.ts";
import { createResourceManagerEndpoint } from "../resource-manager/rest-api/endpoint.ts";
import { createApiManagement } from "../services/api-management/api-management.ts";
import { createExampleFlowApi } from "../services/api-management/example-flow-api.ts";
import { createIotHub } from "../services/iot-hub/iot-hub.ts";
import { startStorage } from "../services/storage/storage.ts";
import { type AzureEnvironment, openAzureEnvironment } from "./azure-environment.ts";
import { MovableClock } from "./clock.ts";
import { holdFolder, privateFolder } from "./private-folder.ts";

export interface SandboxOptions {
  /** The folder that keeps everything; made when missing, and readable by this user alone. One sandbox has it. */
  dir: string;
  /** The CONNECT proxy's port on 127.0.0.1; default 0, any free one. */
  port?: number;
  /** The ports of the engine's providers, by name; default any free ones. */
  providerPorts?: Record<string, number>;
  /** Whether the hub's throttles and quotas are enforced; default true. */
  throttling?: boolean;
  /** How long a live connection outlives its identity's disabling or deletion, in milliseconds; default 1000. */
  disconnectDelayMs?: number;
  /** Where the lines of the log go; default nowhere. */
  log?: (line: string) => void;
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/**
 * Starts Azure on this computer: one subscription, its services behind one proxy, and the engine's providers.
 * @throws FolderInUse when another process has the folder.
 */
export async function startSandbox(options: SandboxOptions) {
  privateFolder(options.dir);
  const clock = new MovableClock();
  const log = options.log ?? (() => {});
  const started: { close(): unknown }[] = [{ close: holdFolder(options.dir) }];
  const closeAll = async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  try {
    const azure = await openAzureEnvironment({ file: join(options.dir, "state.sqlite"), clock, log });
    started.push({ close: () => azure.store.close() });
    clock.keepIn(azure.store);
    const people = addTestPrincipals(azure);
    const storage = await startStorage(azure, join(options.dir, "azurite"));
    started.push(storage);
    const hub = createIotHub(azure, {
      throttling: options.throttling ?? true,
      disconnectDelayMs: options.disconnectDelayMs ?? 1000,
      outbound: () => ({ proxyUrl: proxy.url, ca: proxy.ca }),
      faults: () => proxy.faults,
    });
    started.push(hub);
    const flowApi = createExampleFlowApi();
    const gateway = createApiManagement(azure, { proxyUrl: () => proxy.url, ca: () => proxy.ca });
    started.push(gateway);
    const proxy = await startProxy(azure, {
      dir: join(options.dir, "proxy"),
      port: options.port ?? 0,
      endpoints: [
        createTokenEndpoint(azure),
        createResourceManagerEndpoint(azure, storage.accountKeys),
        storage.endpoint,
        hub.endpoint,
        gateway.endpoint,
        flowApi.endpoint,
      ],
    });
    started.push(proxy);
    const providers = await startProviders(azure, people.deployer, options.providerPorts);
    started.push(providers);
    return {
      azure,
      clock,
      proxy,
      hub,
      storage,
      gateway,
      flowApi,
      providers,
      people,
      close: closeAll,
      dir: options.dir,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * The environment variables that turn a shell, or a child process, to the sandbox. They hold a client secret
 * that is minted for this one call: the sandbox keeps its hash only.
 * @param as Who signs in: "deployer" owns the subscription and, like every owner, has no right to data;
 *   "operator" has what the groups allow that it was made a member of.
 */
export function sandboxEnvironment(sandbox: Sandbox, as: keyof Sandbox["people"]): Record<string, string> {
  const person: Person = sandbox.people[as];
  const backend = join(sandbox.dir, "pulumi");
  mkdirSync(backend, { recursive: true, mode: 0o700 });
  return {
    AZURE_TENANT_ID: sandbox.azure.tenantId,
    AZURE_SUBSCRIPTION_ID: sandbox.azure.subscriptionId,
    AZURE_CLIENT_ID: person.appId,
    AZURE_CLIENT_SECRET: sandbox.azure.directory.addSecret(person.appId),
    HTTPS_PROXY: sandbox.proxy.url,
    NO_PROXY: "127.0.0.1,localhost",
    NODE_EXTRA_CA_CERTS: sandbox.proxy.caFile,
    REQUESTS_CA_BUNDLE: sandbox.proxy.caFile,
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: passphrase(sandbox.azure),
    PULUMI_DEBUG_PROVIDERS: sandbox.providers.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** The passphrase of the sandbox's stacks: made once, so that a later shell opens the same stack. */
function passphrase(azure: AzureEnvironment): string {
  azure.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_passphrase (value TEXT)");
  const row = azure.store.db.prepare("SELECT value FROM cloud_passphrase").get();
  if (row) return row.value as string;
  const value = randomBytes(18).toString("base64url");
  azure.store.db.prepare("INSERT INTO cloud_passphrase VALUES (?)").run(value);
  return value;
}
