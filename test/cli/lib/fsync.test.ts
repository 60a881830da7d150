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
import { writeInPlace } from "../../../reference-terminal/durable-file.ts";
import { partialPath, putInPlace, receivedPath } from "../../../reference-terminal/receive.ts";
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

// A file's name is on disk only when its folder was synced after it got it.
describe.runIf(canSeeSyncs)("what is said to survive a power cut has its folder synced", () => {
  test("a file that is put in its place", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("handled.json");
    const syncs = await syncsOf(() => writeInPlace(path, "{}"), path);
    expect(syncs).toEqual([`${path}.partial before`, `${folder.path} after`]);
    expect(readFileSync(path, "utf8")).toBe("{}");
  });

  test("a file that a terminal has received, also when a crash came before it was on disk", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(partialPath(folder.path, "id"), "content");
    const path = receivedPath(folder.path, "id", "employees.csv");
    const received = join(folder.path, "received");
    const put = () => putInPlace(folder.path, "id", "employees.csv");
    const syncs = await syncsOf(put, path);
    expect(syncs).toEqual([`${received} before`, `${folder.path} before`, `${join(received, "id")} after`]);
    watched?.end();
    expect(await syncsOf(put)).toEqual([join(received, "id")]);
    expect(readFileSync(path, "utf8")).toBe("content");
  });

  test("a record that waits for the audit log", async () => {
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

test("a folder is made with those it lies in, for its owner alone, and once", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a", "b", "c");
  await createFoldersDurably(path);
  await createFoldersDurably(path);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a file is moved over another; what cannot be moved is an error", async () => {
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

test("a file that is open for changes keeps what it holds, and is written where it is said", async () => {
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

describe("folders that are made", () => {
  test("the outermost new one is told, and none when all were there", async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("a/b/c");
    expect(await createFolders(path)).toBe(folder.file("a"));
    expect(await createFolders(path)).toBeUndefined();
    expect(await createFolders(`${path}/d`)).toBe(`${path}/d`);
    writeFileSync(folder.file("file"), "");
    await expect(createFolders(folder.file("file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(createFolders(folder.file("file/x/y"))).rejects.toThrow();
  });

  test("several at once make the same one", async () => {
    await using folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 8 }, () => createFolders(folder.file("x/y/z"))));
    expect(statSync(folder.file("x/y/z")).isDirectory()).toBe(true);
  });

  test.runIf(process.platform === "linux")(
    "where none can be, the first one that cannot is what fails",
    async () => {
      // Node's own way tries this for ever.
      await expect(createFolders("/proc/none/inner")).rejects.toMatchObject({
        code: "ENOENT",
        path: "/proc/none",
      });
    },
  );
});
