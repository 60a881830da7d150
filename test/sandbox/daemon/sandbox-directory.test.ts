import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../../../sandbox/core/clock.ts";
import { FolderInUse, lockFolder } from "../../../sandbox/core/folder-lock.ts";
import { startSandbox } from "../../../sandbox/core/sandbox.ts";
import { Store } from "../../../sandbox/core/store.ts";
import { SandboxDirectory } from "../../../sandbox/daemon/sandbox-directory.ts";
import { shellLines, shells } from "../../../sandbox/daemon/shell.ts";
import { temporaryFolder } from "../../support/folder.ts";

/* The sandbox's folder: its owner, its permissions, its lock and its deletion. */

const posix = process.platform !== "win32";
const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dir: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  dir = join(folder.path, "sandbox");
});
afterEach(() => folder[Symbol.asyncDispose]());

test("delete() removes the sandbox's files and returns the names of the files that remain", () => {
  const directory = new SandboxDirectory(dir);
  directory.claim();
  for (const name of [
    "state.sqlite",
    "state.sqlite-wal",
    "settings.json",
    "sandbox.log",
    "Pulumi.dev.yaml",
  ]) {
    writeFileSync(join(dir, name), "");
  }
  for (const name of ["azurite", "proxy", "pulumi"]) mkdirSync(join(dir, name, "deep"), { recursive: true });
  writeFileSync(join(dir, "notes.txt"), "mine");
  expect(directory.delete()).toEqual(["notes.txt"]);
  expect(readdirSync(dir)).toEqual(["notes.txt"]);
  expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("mine");
});

test("delete() removes a folder that contains nothing else, and accepts a missing folder", () => {
  const directory = new SandboxDirectory(dir);
  expect(directory.delete()).toEqual([]);
  directory.claim();
  expect(directory.delete()).toEqual([]);
  expect(existsSync(dir)).toBe(false);
});

test("rejects a folder that contains other files and no sandbox, and deletes nothing in it", () => {
  mkdirSync(join(dir, "pulumi"), { recursive: true });
  writeFileSync(join(dir, "thesis.txt"), "years of work");
  const directory = new SandboxDirectory(dir);
  expect(() => directory.delete()).toThrow("not a sandbox's folder");
  expect(() => directory.claim()).toThrow("--dir");
  expect(readdirSync(dir)).toEqual(["pulumi", "thesis.txt"]);
});

test("claims a folder of an earlier version without a marker, and an empty folder", () => {
  mkdirSync(join(dir, "azurite"), { recursive: true });
  writeFileSync(join(dir, "state.sqlite"), "");
  new SandboxDirectory(dir).claim();
  expect(new SandboxDirectory(dir).delete()).toEqual([]);
  mkdirSync(dir);
  new SandboxDirectory(dir).claim();
  expect(new SandboxDirectory(dir).delete()).toEqual([]);
});

test("delete() does not follow a symbolic link out of the folder", () => {
  const outside = join(folder.path, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "kept"), "");
  const directory = new SandboxDirectory(dir);
  directory.claim();
  symlinkSync(outside, join(dir, "azurite"), "junction");
  expect(directory.delete()).toEqual([]);
  expect(readdirSync(outside)).toEqual(["kept"]);
});

test.runIf(posix)("restricts an existing folder and all its files to their owner", async () => {
  const before = process.umask(0o022);
  try {
    mkdirSync(dir, { mode: 0o777 });
    chmodSync(dir, 0o777);
    writeFileSync(join(dir, "state.sqlite"), "", { mode: 0o644 });
    const sandbox = await startSandbox({ dir });
    expect(mode(dir)).toBe("700");
    for (const name of ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "sandbox.pid"]) {
      expect(mode(join(dir, name)), name).toBe("600");
    }
    for (const name of ["proxy", "azurite"]) expect(mode(join(dir, name)), name).toBe("700");
    await sandbox.close();
  } finally {
    process.umask(before);
  }
});

test("rejects a second sandbox in a folder, with the ID of the process that runs the first", async () => {
  new SandboxDirectory(dir).claim();
  const first = await startSandbox({ dir });
  const second = startSandbox({ dir });
  await expect(second).rejects.toThrow(FolderInUse);
  await expect(second).rejects.toThrow(`Process ${process.pid}`);
  expect(new SandboxDirectory(dir).pid).toBe(process.pid);
  expect(() => new SandboxDirectory(dir).delete()).toThrow(FolderInUse);
  expect(existsSync(join(dir, "state.sqlite"))).toBe(true);
  await first.close();
  expect(new SandboxDirectory(dir).pid).toBeUndefined();
  const release = lockFolder(dir);
  release();
});

test.runIf(posix)(
  "puts a socket with too long a path into a temporary folder that only its owner can use",
  async () => {
    const long = join(folder.path, "x".repeat(100), "sandbox");
    const directory = new SandboxDirectory(long);
    directory.claim();
    const socket = directory.prepareSocket();
    expect(Buffer.byteLength(socket)).toBeLessThan(108);
    expect(mode(dirname(socket))).toBe("700");
    expect(statSync(dirname(socket)).uid).toBe(userInfo().uid);
    expect(dirname(dirname(socket))).toBe(tmpdir());
    const other = new SandboxDirectory(join(folder.path, "y".repeat(100), "sandbox"));
    other.claim();
    expect(other.socket()).not.toBe(socket);
  },
);

test.runIf(posix)("rejects a socket that another user could have created", async () => {
  const directory = new SandboxDirectory(dir);
  directory.claim();
  expect(directory.socket()).toBe(join(dir, "control.sock"));
  chmodSync(dir, 0o770);
  expect(() => directory.socket()).toThrow("must belong to you");
  directory.claim();
  const foreign = createServer();
  const elsewhere = join(folder.path, "foreign.sock");
  await new Promise<void>((resolve) => foreign.listen(elsewhere, resolve));
  symlinkSync(elsewhere, join(dir, "control.sock"));
  expect(() => directory.socket()).toThrow("must belong to you");
  foreign.close();
});

test("rejects names and values that could run a command in the shell", () => {
  for (const shell of shells) {
    expect(shellLines({ A_1: "it's" }, shell)).toHaveLength(1);
    for (const name of ["A;rm", "a", "A B", "1A", "", "A\nB", "$(x)"]) {
      expect(() => shellLines({ [name]: "x" }, shell), name).toThrow("malformed name");
    }
    expect(() => shellLines({ A: "x\nrm -rf" }, shell)).toThrow("malformed value of A");
  }
  for (const value of ['x" & del', "%PATH%"])
    expect(() => shellLines({ A: value }, "cmd")).toThrow("malformed");
});

test("stores the offset of the clock, and rejects an offset outside the years 2000 to 2999", async () => {
  const file = join(dir, "state.sqlite");
  let store = new Store(file);
  const clock = new MovableClock();
  clock.persistIn(store);
  clock.move(721 * 3_600_000);
  clock.move(-3_600_000);
  for (const ms of [1e12 * 3_600_000, -1e12 * 3_600_000, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clock.move(ms)).toThrow(RangeError);
  }
  store.close();
  store = new Store(file);
  const later = new MovableClock();
  later.persistIn(store);
  expect(later.offset).toBe(720 * 3_600_000);
  expect(Math.abs(later.now() - Date.now() - 720 * 3_600_000)).toBeLessThan(60_000);
  store.close();
});
