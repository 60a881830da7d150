import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Azurite } from "../../../../sandbox/services/storage/azurite/azurite.ts";
import { temporaryFolder } from "../../proxy/proxy-client.ts";
import { filesAccount, filesProperties, flow, roleNames, StorageCloud } from "./storage-cloud.ts";

test("loses nothing over a restart", async () => {
  await using dir = await temporaryFolder();
  const before = await StorageCloud.open(dir.path);
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
  const after = await StorageCloud.open(dir.path);
  expect(after.key(filesAccount)).toBe(key);
  const same = after.blobs(filesAccount).getContainerClient("t-1");
  expect((await same.getAccessPolicy()).signedIdentifiers.map(({ id }) => id)).toEqual(["terminal"]);
  expect((await same.getBlockBlobClient("menu.txt").downloadToBuffer()).toString()).toBe("hello");
  expect(await after.table(filesAccount, "examplerows").getEntity("p", "r")).toMatchObject({ site: "Oslo" });
  await after.close();
});

test("loses nothing that was answered when the sandbox is killed", async () => {
  await using dir = await temporaryFolder();
  const victim = fork(new URL("./durability-victim.ts", import.meta.url), [dir.path], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = once(victim, "exit");
  await once(victim, "message");
  victim.kill("SIGKILL");
  await ended;
  const azure = await StorageCloud.open(dir.path);
  const person = azure.person({ role: roleNames.tableContributor, scope: azure.accountId(flow) });
  for (let i = 0; i < 20; i++) {
    const container = azure.blobs(filesAccount).getContainerClient(`t-${i}`);
    expect((await container.getAccessPolicy()).signedIdentifiers[0]?.id).toBe("terminal");
    expect((await container.getBlockBlobClient("menu.txt").downloadToBuffer()).toString()).toBe("hello");
    const row = azure.table(flow, "terminalkeys", person.credential).getEntity("example", `t-${i}`);
    expect(await row).toMatchObject({ status: "active" });
  }
  azure.deploy("examplegone", filesProperties);
  expect(await Array.fromAsync(azure.blobs("examplegone").listContainers())).toEqual([]);
  await azure.close();
});

test.runIf(process.platform === "linux")("starts Azurite again when it is killed", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const container = azure.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  // Longer than Azurite's process waits before it writes.
  await sleep(500);
  process.kill(azuriteOf(process.pid), "SIGKILL");
  await expect.poll(() => azure.log.join("\n"), { timeout: 5000 }).toContain("starting it again");
  azure.storage.accountKeys.regenerate(azure.accountId(filesAccount), "key1");
  const again = azure.blobs(filesAccount).getContainerClient("t-1");
  expect(await again.exists()).toBe(true);
  await azure.close();
});

test.runIf(process.platform === "linux")("starts Azurite again until it starts", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  await azure.blobs(filesAccount).getContainerClient("t-1").create();
  // Longer than Azurite's process waits before it writes.
  await sleep(500);
  const lock = `${dir.path}/azurite/azurite.lock`;
  rmSync(lock);
  mkdirSync(lock);
  process.kill(azuriteOf(process.pid), "SIGKILL");
  const failures = () => azure.log.filter((line) => line.includes("did not start")).length;
  await expect.poll(failures, { timeout: 60_000 }).toBeGreaterThan(1);
  // What changes meanwhile must be in force afterwards.
  azure.storage.accountKeys.regenerate(azure.accountId(filesAccount), "key1");
  const again = () =>
    azure
      .blobs(filesAccount)
      .getContainerClient("t-1")
      .exists()
      .catch(() => false);
  expect(await again()).toBe(false);
  rmdirSync(lock);
  await expect.poll(again, { timeout: 60_000 }).toBe(true);
  await azure.close();
});

/** The process ID of the Azurite that this process started last. */
function azuriteOf(parent: number): number {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, , ppid] = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /, "1 ")
          .split(" ");
        return (
          Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("azurite-process")
        );
      } catch {
        return false;
      }
    });
  return children.at(-1)!;
}

test("waits for an earlier Azurite in its folder to write what it has", async () => {
  await using dir = await temporaryFolder();
  const start = () => Azurite.start(dir.path, {}, () => {});
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

test("keeps keys out of Azurite's arguments, environment and files", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  await azure.blobs(filesAccount).getContainerClient("t-1").create();
  const key = azure.key(filesAccount);
  if (process.platform === "linux") {
    const pid = azuriteOf(process.pid);
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

test("takes a large file in blocks and gives it back whole", async () => {
  await using dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  const container = azure.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  const blob = container.getBlockBlobClient("log.bin");
  const [sent, got] = [createHash("sha256"), createHash("sha256")];
  const pieces = function* () {
    for (let i = 0; i < 48; i++) {
      const piece = randomBytes(1 << 20);
      sent.update(piece);
      yield piece;
    }
  };
  await blob.uploadStream(Readable.from(pieces()), 4 << 20, 4);
  const { readableStreamBody } = await blob.download();
  for await (const chunk of readableStreamBody!) got.update(chunk);
  expect(got.digest("hex")).toBe(sent.digest("hex"));
  await azure.close();
});
