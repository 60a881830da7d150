import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFile } from "../../../core/file-lock.ts";
import type { FromAzurite, ToAzurite } from "./messages.ts";
import { answerInWords } from "./patches/errors.ts";
import { findByTellingFields } from "./patches/lookups.ts";
import {
  acceptPass,
  combineStoredPolicies,
  completeSasPermissions,
  holdToOperations,
  limitStoredPolicies,
  moveClock,
  takeHostsInTransactions,
  takeKeys,
  takePartialTablePolicies,
} from "./patches/rules.ts";

// The members of Azurite's and Loki's classes that are used here; neither publishes its types.
interface Database {
  autosaveDisable(): void;
  autosaveDirty(): boolean;
  saveDatabase(done: (error?: Error) => void): void;
}
interface Service {
  httpServer: Server & { listeners(event: "request"): { set(name: string, value: unknown): void }[] };
  metadataStore: { db: Database };
  extentMetadataStore?: { db: Database };
  start(): Promise<void>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
/** Longer than the sandbox keeps an idle connection, so that it never sends on one that is just closing. */
const keepAliveSeconds = 3600;
/** How long an earlier Azurite in this folder, whose parent was killed, may take to write its data. */
const patienceMs = 20_000;

const setClock = moveClock();
const setKeys = takeKeys();
combineStoredPolicies();
completeSasPermissions();
limitStoredPolicies();
takeHostsInTransactions();
takePartialTablePolicies();
findByTellingFields();

const tell = (message: FromAzurite) => void process.send?.(message);
answerInWords((text) => tell({ kind: "warning", text }));

let services: Service[] = [];
let saving = Promise.resolve();
const closing = new AbortController();

async function start(message: ToAzurite & { kind: "start" }): Promise<void> {
  setClock(message.clockOffsetMs);
  setKeys(message.accounts);
  acceptPass(message.pass);
  holdToOperations();
  release = lockFile(join(message.dir, "azurite.lock"), patienceMs);
  services = createServices(message.dir);
  for (const service of services) {
    // Requests say by x-forwarded-proto how the client came; uploads of any length may take any time.
    service.httpServer.listeners("request")[0]?.set("trust proxy", true);
    service.httpServer.requestTimeout = 0;
    await service.start();
  }
  saving = saveSoon(services.flatMap((service) => databases(service)));
  const [blob, table] = services.map((service) => (service.httpServer.address() as AddressInfo).port);
  tell({ kind: "ready", ports: { blob: blob!, table: table! } });
}

function createServices(dir: string): Service[] {
  const load = (path: string) => require(`azurite/dist/src/${path}.js`).default;
  const BlobServer = load("blob/BlobServer");
  const BlobConfiguration = load("blob/BlobConfiguration");
  const TableServer = load("table/TableServer");
  const TableConfiguration = load("table/TableConfiguration");
  const blobs = new BlobConfiguration(
    "127.0.0.1",
    0,
    keepAliveSeconds,
    join(dir, "blobs.json"),
    join(dir, "extents.json"),
    [{ locationId: "Default", locationPath: join(dir, "extents"), maxConcurrency: 50 }],
  );
  const tables = new TableConfiguration("127.0.0.1", 0, keepAliveSeconds, join(dir, "tables.json"));
  // The official clients may speak newer API versions than Azurite knows.
  for (const configuration of [blobs, tables]) configuration.skipApiVersionCheck = true;
  return [new BlobServer(blobs), new TableServer(tables)];
}

/** The service's databases, data before what refers to it. */
function databases(service: Service): Database[] {
  const stores = [service.extentMetadataStore, service.metadataStore];
  return stores.filter((store) => store !== undefined).map((store) => store.db);
}

/**
 * Writes what changed within 50 ms, and less often as the databases grow: each is written whole, which stops all
 * else, so that may take a tenth of the time at most. Azurite alone writes every five seconds.
 */
async function saveSoon(all: Database[]): Promise<void> {
  for (const database of all) database.autosaveDisable();
  const unsaved = new Set<Database>();
  while (!closing.signal.aborted) {
    let stoppedMs = 0;
    for (const database of all) {
      if (!database.autosaveDirty() && !unsaved.has(database)) continue;
      // A save clears the marks of change before it is done: one that failed has to be remembered.
      unsaved.add(database);
      const begun = performance.now();
      const saved = save(database);
      stoppedMs += performance.now() - begun;
      await saved.then(
        () => unsaved.delete(database),
        (error) => tell({ kind: "warning", text: `cannot write its data: ${error}` }),
      );
    }
    await sleep(Math.max(50, 9 * stoppedMs), undefined, { signal: closing.signal }).catch(() => {});
  }
}

function save(database: Database): Promise<void> {
  return new Promise((resolve, reject) =>
    database.saveDatabase((error) => (error ? reject(error) : resolve())),
  );
}

/** Writes everything and ends the process. */
async function close(): Promise<void> {
  if (closing.signal.aborted) return;
  closing.abort();
  // A save that is under way has already cleared the databases' marks of change, so it must be waited for.
  await saving;
  // What came meanwhile is written by Azurite's own close.
  for (const service of services) await service.close();
  release?.();
  process.exit(0);
}

let release: (() => void) | undefined;

function fail(error: unknown): void {
  tell({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  // What is already in memory is still worth keeping.
  close().catch(() => process.exit(1));
}

process.on("message", (message: ToAzurite) => {
  if (message.kind === "start") start(message).catch(fail);
  else if (message.kind === "close") close().catch(fail);
  else {
    if (message.kind === "accounts") setKeys(message.accounts);
    else setClock(message.clockOffsetMs);
    tell({ kind: "done", id: message.id });
  }
});
// The sandbox ended, however it did: also by kill -9.
process.on("disconnect", () => void close().catch(() => process.exit(1)));
// Ctrl-C reaches this process too; the sandbox decides when to end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void close().catch(fail));
process.on("uncaughtException", fail);
