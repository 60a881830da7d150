import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { PendingRecords } from "../../../cli/audit-log/pending-records.ts";
import {
  createFolders,
  createFoldersDurably,
  openReadWrite,
  replaceFileDurably,
  syncFolder,
  writeAt,
} from "../../../cli/lib/fsync.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { writeFileDurably } from "../../../reference-terminal/durable-file.ts";
import { moveToReceived, partialPath, receivedPath } from "../../../reference-terminal/receive.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { canSeeSyncs, watchSyncs } from "./syncs.ts";

let watched: Awaited<ReturnType<typeof watchSyncs>> | undefined;
afterEach(() => {
  watched?.end();
  watched = undefined;
});

async function syncsOf(work: () => Promise<unknown>, exists?: string): Promise<string[]> {
  watched = await watchSyncs(exists);
  await work();
  return watched.paths;
}

// The name of a file is on disk only when its folder was synced after the rename.
describe.runIf(canSeeSyncs)("what must survive a power failure has its folder synced", () => {
  test("a file that is written durably", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    const syncs = await syncsOf(() => writeFileDurably(path, "{}"), path);
    expect(syncs).toEqual([`${path}.partial before`, `${folder.path} after`]);
    expect(readFileSync(path, "utf8")).toBe("{}");
  });

  test("a file that a terminal has downloaded, also when the move is repeated after a crash", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(partialPath(folder.path, "id"), "content");
    const path = receivedPath(folder.path, "id", "employees.csv");
    const received = join(folder.path, "received");
    const put = () => moveToReceived(folder.path, "id", "employees.csv");
    const syncs = await syncsOf(put, path);
    expect(syncs).toEqual([`${received} before`, `${folder.path} before`, `${join(received, "id")} after`]);
    watched?.end();
    expect(await syncsOf(put)).toEqual([join(received, "id")]);
    expect(readFileSync(path, "utf8")).toBe("content");
  });

  test("a pending audit record", async () => {
    await using folder = await temporaryFolder();
    const waiting = folder.file("waiting");
    const syncs = await syncsOf(() => new PendingRecords(waiting).store([]));
    expect(syncs).toEqual([folder.path, expect.stringMatching(/\.partial$/), waiting]);
  });

  test("a journal", async () => {
    await using folder = await temporaryFolder();
    const syncs = await syncsOf(async () => (await Journal.open(folder.file("journal"))).close());
    expect(syncs).toEqual([folder.path]);
  });
});

test("createFoldersDurably creates missing parents, for the owner only, and accepts existing ones", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a", "b", "c");
  await createFoldersDurably(path);
  await createFoldersDurably(path);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("replaceFileDurably replaces a file, and rejects a missing source", async () => {
  await using folder = await temporaryFolder();
  writeFileSync(folder.file("from"), "new");
  writeFileSync(folder.file("to"), "old");
  await replaceFileDurably(folder.file("from"), folder.file("to"));
  expect(readFileSync(folder.file("to"), "utf8")).toBe("new");
  await expect(replaceFileDurably(folder.file("from"), folder.file("to"))).rejects.toMatchObject({
    code: "ENOENT",
  });
  await expect(syncFolder(folder.file("none"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("openReadWrite keeps the content of a file, and writeAt writes at a position", async () => {
  await using folder = await temporaryFolder();
  mkdirSync(folder.file("sub"));
  const path = folder.file("sub/file");
  writeFileSync(path, "0123456789");
  {
    await using file = await openReadWrite(path);
    await writeAt(file, Buffer.from("ab"), 4);
    await file.truncate(8);
  }
  expect(readFileSync(path, "utf8")).toBe("0123ab67");
});

describe("createFolders", () => {
  test("returns the outermost folder that it created, and undefined when all existed", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("a/b/c");
    expect(await createFolders(path)).toBe(folder.file("a"));
    expect(await createFolders(path)).toBeUndefined();
    expect(await createFolders(`${path}/d`)).toBe(`${path}/d`);
    writeFileSync(folder.file("file"), "");
    await expect(createFolders(folder.file("file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(createFolders(folder.file("file/x/y"))).rejects.toThrow();
  });

  test("succeeds when several calls create the same folder", async () => {
    await using folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 8 }, () => createFolders(folder.file("x/y/z"))));
    expect(statSync(folder.file("x/y/z")).isDirectory()).toBe(true);
  });

  test.runIf(process.platform === "linux")("fails with the first folder that cannot be created", async () => {
    // Node's option `recursive` does not end here.
    await expect(createFolders("/proc/none/inner")).rejects.toMatchObject({
      code: "ENOENT",
      path: "/proc/none",
    });
  });
});
