import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFile } from "@terminal-fleet/file-lock";
import { guardPort } from "./guard-port.ts";
import { loadClass } from "./load-module.ts";
import type { FromAzurite, ToAzurite } from "./messages.ts";
import { patchAccountKeys } from "./patches/account-keys.ts";
import { acceptPass, enforceOperation, rejectForgedSignatures } from "./patches/authentication.ts";
import { patchDate } from "./patches/clock.ts";
import { clearCopyProperties } from "./patches/copy-properties.ts";
import { patchErrorResponses } from "./patches/error-responses.ts";
import { patchLookups } from "./patches/index-lookups.ts";
import { rememberPathForms } from "./patches/path-forms.ts";
import { addMissingSasPermissions } from "./patches/sas-permissions.ts";
import { combineSasWithPolicy } from "./patches/sas-policy-fields.ts";
import {
  allowPartialTablePolicies,
  limitContainerPolicies,
  readPoliciesAsAzure,
} from "./patches/stored-access-policies.ts";
import { patchTransactionAddresses } from "./patches/table-transactions.ts";
import { delayModules } from "./patches/unused-modules.ts";
import { encodeNamesInXml } from "./patches/xml-names.ts";

/*
 * The Azurite process. azurite.ts starts it and controls it by IPC. It ends when azurite.ts closes it or its parent ends.
 */

/** The members of LokiJS' database class that are used here. */
interface Database {
  autosaveDisable(): void;
  autosaveDirty(): boolean;
  saveDatabase(done: (error?: Error) => void): void;
}
/** The members of Azurite's BlobServer and TableServer that are used here. */
interface AzuriteServer {
  httpServer: Server & { listeners(event: "request"): { set(name: string, value: unknown): void }[] };
  metadataStore: { db: Database };
  extentMetadataStore?: { db: Database };
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Longer than the sandbox keeps an idle connection, so that Azurite never closes one while the sandbox sends on it. */
const keepAliveSeconds = 3600;
/** Maximum wait in milliseconds for an earlier Azurite process, whose parent was killed, to write its data. */
const lockWaitMs = 20_000;
/** Minimum pause in milliseconds between two saves of the databases. */
const savePauseMs = 50;

delayModules();
const setClockOffset = patchDate();
const setAccounts = patchAccountKeys();
combineSasWithPolicy();
addMissingSasPermissions();
limitContainerPolicies();
clearCopyProperties();
allowPartialTablePolicies();
readPoliciesAsAzure();
patchTransactionAddresses();
patchLookups();
encodeNamesInXml();
rememberPathForms();
rejectForgedSignatures();
patchErrorResponses((text) => send({ kind: "warning", text }));

let servers: AzuriteServer[] = [];
let saving = Promise.resolve();
let releaseLock: (() => void) | undefined;
const closing = new AbortController();

function send(message: FromAzurite): void {
  process.send?.(message);
}

async function start(message: ToAzurite & { kind: "start" }): Promise<void> {
  setClockOffset(message.clockOffsetMs);
  setAccounts(message.accounts);
  acceptPass(message.pass);
  enforceOperation();
  releaseLock = lockFile(join(message.dir, "azurite.lock"), { waitMs: lockWaitMs });
  servers = createServers(message.dir);
  for (const server of servers) {
    // x-forwarded-proto contains the protocol of the client.
    server.httpServer.listeners("request")[0]?.set("trust proxy", true);
    guardPort(server.httpServer, message.portPass);
    // An upload may take any time.
    server.httpServer.requestTimeout = 0;
    await server.start();
  }
  saving = saveContinuously(servers.flatMap((server) => databasesOf(server)));
  const [blob, table] = servers.map((server) => (server.httpServer.address() as AddressInfo).port);
  send({ kind: "ready", ports: { blob: blob!, table: table! } });
}

function createServers(dir: string): AzuriteServer[] {
  const BlobServer = loadClass("blob/BlobServer");
  const BlobConfiguration = loadClass("blob/BlobConfiguration");
  const TableServer = loadClass("table/TableServer");
  const TableConfiguration = loadClass("table/TableConfiguration");
  const blobs = new BlobConfiguration(
    "127.0.0.1",
    0,
    keepAliveSeconds,
    join(dir, "blobs.json"),
    join(dir, "extents.json"),
    [{ locationId: "Default", locationPath: join(dir, "extents"), maxConcurrency: 50 }],
  );
  const tables = new TableConfiguration("127.0.0.1", 0, keepAliveSeconds, join(dir, "tables.json"));
  for (const configuration of [blobs, tables]) {
    // The official clients may send newer API versions than Azurite knows.
    configuration.skipApiVersionCheck = true;
    // This process has no output. The sandbox logs the requests.
    configuration.enableAccessLog = false;
  }
  return [new BlobServer(blobs), new TableServer(tables)];
}

/** The databases of a server. Data comes before the records that refer to it. */
function databasesOf(server: AzuriteServer): Database[] {
  const stores = [server.extentMetadataStore, server.metadataStore];
  return stores.filter((store) => store !== undefined).map((store) => store.db);
}

/**
 * Saves changed databases every 50 ms, and less often when they are large: a save writes the whole database and blocks
 * the process, so saves take at most a tenth of the time. Azurite alone saves every five seconds.
 */
async function saveContinuously(databases: Database[]): Promise<void> {
  for (const database of databases) database.autosaveDisable();
  const unsaved = new Set<Database>();
  while (!closing.signal.aborted) {
    let blockedMs = 0;
    for (const database of databases) {
      if (!database.autosaveDirty() && !unsaved.has(database)) continue;
      // LokiJS clears the marks of changes before the save completes, so a failed save must be remembered here.
      unsaved.add(database);
      const startedAt = performance.now();
      const saved = save(database);
      blockedMs += performance.now() - startedAt;
      await saved.then(
        () => unsaved.delete(database),
        (error) => send({ kind: "warning", text: `cannot write its data: ${error}` }),
      );
    }
    await sleep(Math.max(savePauseMs, 9 * blockedMs), undefined, { signal: closing.signal }).catch(() => {});
  }
}

function save(database: Database): Promise<void> {
  return new Promise((resolve, reject) =>
    database.saveDatabase((error) => (error ? reject(error) : resolve())),
  );
}

/** Writes all data and ends the process. */
async function close(): Promise<void> {
  if (closing.signal.aborted) return;
  closing.abort();
  // A save in progress has already cleared the marks of changes, so its end must be awaited.
  await saving;
  // Azurite's own close writes the changes since then.
  for (const server of servers) await server.close();
  releaseLock?.();
  process.exit(0);
}

/** Reports the error, writes the data in memory, and ends the process. */
function fail(error: unknown): void {
  send({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  close().catch(() => process.exit(1));
}

process.on("message", (message: ToAzurite) => {
  if (message.kind === "start") start(message).catch(fail);
  else if (message.kind === "close") close().catch(fail);
  else {
    if (message.kind === "accounts") setAccounts(message.accounts);
    else setClockOffset(message.clockOffsetMs);
    send({ kind: "done", id: message.id });
  }
});
// The sandbox has ended, possibly by SIGKILL.
process.on("disconnect", () => void close().catch(() => process.exit(1)));
// Ctrl-C sends SIGINT to this process too. The sandbox decides when this process ends.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void close().catch(fail));
process.on("uncaughtException", fail);
