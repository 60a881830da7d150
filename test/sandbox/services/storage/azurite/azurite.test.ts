import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { expect, test } from "vitest";
import { Azurite } from "../../../../../sandbox/services/storage/azurite/azurite.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { waitFor } from "../../../../support/wait-for.ts";
import { filesAccount, filesProperties, flowAccount, roleNames, TestStorage } from "../test-storage.ts";

test("a restart keeps blobs, rows, stored access policies and account keys", async () => {
  await using dir = await temporaryFolder();
  const before = await TestStorage.open(dir.path);
  before.deploy(filesAccount, filesProperties);
  const container = before.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  await container.getBlockBlobClient("menu.txt").upload("hello", 5);
  await before.table(filesAccount, "examplerows").createTable();
  await before
    .table(filesAccount, "examplerows")
    .createEntity({ partitionKey: "p", rowKey: "r", site: "Oslo" });
  await container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy: {} as never }]);
  const key = before.key(filesAccount);
  await before.close();
  const after = await TestStorage.open(dir.path);
  expect(after.key(filesAccount)).toBe(key);
  const same = after.blobs(filesAccount).getContainerClient("t-1");
  expect((await same.getAccessPolicy()).signedIdentifiers.map(({ id }) => id)).toEqual(["terminal"]);
  expect((await same.getBlockBlobClient("menu.txt").downloadToBuffer()).toString()).toBe("hello");
  expect(await after.table(filesAccount, "examplerows").getEntity("p", "r")).toMatchObject({ site: "Oslo" });
  await after.close();
});

test("Azurite's own ports refuse a caller with the account key, because only the sandbox may pass", async () => {
  await using dir = await temporaryFolder();
  const key = randomBytes(64).toString("base64");
  const azurite = await Azurite.start(dir.path, { [filesAccount]: [key] }, () => {});
  const ports = await azurite.waitUntilReady(0);
  const blobs = new BlobServiceClient(
    `http://127.0.0.1:${ports.blob}/${filesAccount}`,
    new StorageSharedKeyCredential(filesAccount, key),
    { retryOptions: { maxTries: 1 } },
  );
  await expect(blobs.createContainer("t-1")).rejects.toMatchObject({ statusCode: 403 });
  const tables = await fetch(`http://127.0.0.1:${ports.table}/${filesAccount}/Tables`, {
    headers: { "x-sandbox-pass": azurite.pass, "x-sandbox-port-pass": "guessed" },
  });
  expect(tables.status).toBe(403);
  expect(await tables.text()).toContain("Use the sandbox's proxy");
  await azurite.close();
});

test("a SIGKILL of the sandbox loses no change that was answered", async () => {
  await using dir = await temporaryFolder();
  const child = fork(new URL("./storage-to-kill.ts", import.meta.url), [dir.path], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = once(child, "exit");
  await once(child, "message");
  child.kill("SIGKILL");
  await ended;
  const azure = await TestStorage.open(dir.path);
  const principal = azure.createPrincipal({
    role: roleNames.tableContributor,
    scope: azure.accountId(flowAccount),
  });
  for (let i = 0; i < 20; i++) {
    const container = azure.blobs(filesAccount).getContainerClient(`t-${i}`);
    expect((await container.getAccessPolicy()).signedIdentifiers[0]?.id).toBe("terminal");
    expect((await container.getBlockBlobClient("menu.txt").downloadToBuffer()).toString()).toBe("hello");
    const row = azure.table(flowAccount, "terminalkeys", principal.credential).getEntity("example", `t-${i}`);
    expect(await row).toMatchObject({ status: "active" });
  }
  azure.deploy("examplegone", filesProperties);
  expect(await Array.fromAsync(azure.blobs("examplegone").listContainers())).toEqual([]);
  await azure.close();
});

test.runIf(process.platform === "linux")("starts Azurite with the first storage account", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  expect(findAzurite()).toBeUndefined();
  azure.deploy(filesAccount, filesProperties);
  expect(findAzurite()).toBeDefined();
  expect(await azure.blobs(filesAccount).getContainerClient("t-1").exists()).toBe(false);
  await azure.close();
});

test.runIf(process.platform === "linux")("starts Azurite again after it was killed", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const container = azure.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  await waitUntilSaved(dir.path, "t-1");
  process.kill(findAzurite()!, "SIGKILL");
  await waitFor("the log line of the restart", () =>
    azure.log.some((line) => line.includes("started again")),
  );
  azure.storage.accountKeys.regenerate(azure.accountId(filesAccount), "key1");
  const again = azure.blobs(filesAccount).getContainerClient("t-1");
  expect(await again.exists()).toBe(true);
  await azure.close();
});

test.runIf(process.platform === "linux")("starts Azurite again until a start succeeds", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  await azure.blobs(filesAccount).getContainerClient("t-1").create();
  await waitUntilSaved(dir.path, "t-1");
  const lock = `${dir.path}/azurite/azurite.lock`;
  rmSync(lock);
  mkdirSync(lock);
  process.kill(findAzurite()!, "SIGKILL");
  const failures = () => azure.log.filter((line) => line.includes("did not start")).length;
  await waitFor("two failed starts", () => failures() > 1, { withinMs: 60_000 });
  // A change while Azurite does not run must be effective after its start.
  azure.storage.accountKeys.regenerate(azure.accountId(filesAccount), "key1");
  const exists = () => azure.blobs(filesAccount).getContainerClient("t-1").exists();
  await expect(exists()).rejects.toThrow();
  rmdirSync(lock);
  await waitFor("Azurite to start", exists, { withinMs: 60_000 });
  await azure.close();
});

/** Waits until Azurite has written a container to its database on disk. */
function waitUntilSaved(dir: string, container: string): Promise<unknown> {
  const database = `${dir}/azurite/blobs.json`;
  return waitFor("Azurite to save its database", () =>
    readFileSync(database, "utf8").includes(`"${container}"`),
  );
}

/** The process ID of the Azurite process that this process started last; undefined without one. */
function findAzurite(): number | undefined {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, , ppid] = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /, "1 ")
          .split(" ");
        return (
          Number(ppid) === process.pid &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("azurite/process.ts")
        );
      } catch {
        return false;
      }
    });
  return children.at(-1);
}

test("waits until an earlier Azurite in the same folder has written its data", async () => {
  await using dir = await temporaryFolder();
  const start = () => Azurite.start(dir.path, { [filesAccount]: [] }, () => {});
  const first = await start();
  const order: string[] = [];
  const second = start().then((azurite) => {
    order.push("second started");
    return azurite;
  });
  await sleep(1500);
  order.push("first ends");
  await first.close();
  await (await second).close();
  expect(order).toEqual(["first ends", "second started"]);
});

test("keeps account keys out of Azurite's arguments, environment and files", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  await azure.blobs(filesAccount).getContainerClient("t-1").create();
  const key = azure.key(filesAccount);
  if (process.platform === "linux") {
    const pid = findAzurite();
    for (const file of ["cmdline", "environ"]) {
      expect(readFileSync(`/proc/${pid}/${file}`, "utf8")).not.toContain(key);
    }
  }
  await azure.close();
  for (const file of readdirSync(`${dir.path}/azurite`, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) expect(readFileSync(`${file.parentPath}/${file.name}`, "latin1")).not.toContain(key);
  }
  expect(azure.log.join("\n")).not.toContain(key);
});

test("stores a large file in blocks and returns it unchanged", async () => {
  await using dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const container = azure.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  const blob = container.getBlockBlobClient("log.bin");
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  const pieces = function* () {
    for (let i = 0; i < 48; i++) {
      const piece = randomBytes(1 << 20);
      sent.update(piece);
      yield piece;
    }
  };
  await blob.uploadStream(Readable.from(pieces()), 4 << 20, 4);
  const { readableStreamBody } = await blob.download();
  for await (const chunk of readableStreamBody!) received.update(chunk);
  expect(received.digest("hex")).toBe(sent.digest("hex"));
  await azure.close();
});
