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
import { FolderInUse, holdFolder } from "../../../sandbox/core/private-folder.ts";
import { startSandbox } from "../../../sandbox/core/sandbox.ts";
import { Store } from "../../../sandbox/core/store.ts";
import { SandboxDirectory } from "../../../sandbox/daemon/sandbox-directory.ts";
import { shellLines, shells } from "../../../sandbox/daemon/shell.ts";
import { temporaryFolder } from "../proxy/proxy-client.ts";

/* The sandbox's folder: whose it is, who may read it, who has it, and what of it is deleted. */

const posix = process.platform !== "win32";
const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dir: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  dir = join(folder.path, "sandbox");
});
afterEach(() => folder[Symbol.asyncDispose]());

test("deletes what is a sandbox's, and says what is not and stays", () => {
  const place = new SandboxDirectory(dir);
  place.claim();
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
  expect(place.delete()).toEqual(["notes.txt"]);
  expect(readdirSync(dir)).toEqual(["notes.txt"]);
  expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("mine");
});

test("leaves nothing of a folder that was the sandbox's alone, and minds none that is not there", () => {
  const place = new SandboxDirectory(dir);
  expect(place.delete()).toEqual([]);
  place.claim();
  expect(place.delete()).toEqual([]);
  expect(existsSync(dir)).toBe(false);
});

test("deletes nothing in a folder that no sandbox was started in, and starts none among other things", () => {
  mkdirSync(join(dir, "pulumi"), { recursive: true });
  writeFileSync(join(dir, "thesis.txt"), "years of work");
  const place = new SandboxDirectory(dir);
  expect(() => place.delete()).toThrow("not a sandbox's folder");
  expect(() => place.claim()).toThrow("--dir");
  expect(readdirSync(dir)).toEqual(["pulumi", "thesis.txt"]);
});

test("takes over a folder from before there was a marker, and an empty one", () => {
  mkdirSync(join(dir, "azurite"), { recursive: true });
  writeFileSync(join(dir, "state.sqlite"), "");
  new SandboxDirectory(dir).claim();
  expect(new SandboxDirectory(dir).delete()).toEqual([]);
  mkdirSync(dir);
  new SandboxDirectory(dir).claim();
  expect(new SandboxDirectory(dir).delete()).toEqual([]);
});

test("follows no link out of the folder when it deletes", () => {
  const outside = join(folder.path, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "kept"), "");
  const place = new SandboxDirectory(dir);
  place.claim();
  symlinkSync(outside, join(dir, "azurite"), "junction");
  expect(place.delete()).toEqual([]);
  expect(readdirSync(outside)).toEqual(["kept"]);
});

test.runIf(posix)(
  "makes a folder that was there for all, and all that it keeps in it, its owner's alone",
  async () => {
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
  },
);

test("lets one sandbox have a folder, and names who has it", async () => {
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
  const release = holdFolder(dir);
  release();
});

test.runIf(posix)(
  "a socket whose path would be too long has a folder that only its owner can use",
  async () => {
    const long = join(folder.path, "x".repeat(100), "sandbox");
    const place = new SandboxDirectory(long);
    place.claim();
    const socket = place.makeSocket();
    expect(Buffer.byteLength(socket)).toBeLessThan(108);
    expect(mode(dirname(socket))).toBe("700");
    expect(statSync(dirname(socket)).uid).toBe(userInfo().uid);
    expect(dirname(dirname(socket))).toBe(tmpdir());
    const other = new SandboxDirectory(join(folder.path, "y".repeat(100), "sandbox"));
    other.claim();
    expect(other.socket()).not.toBe(socket);
  },
);

test.runIf(posix)("trusts no socket that others could have put there", async () => {
  const place = new SandboxDirectory(dir);
  place.claim();
  expect(place.socket()).toBe(join(dir, "control.sock"));
  chmodSync(dir, 0o770);
  expect(() => place.socket()).toThrow("must be yours");
  place.claim();
  const foreign = createServer();
  const elsewhere = join(folder.path, "foreign.sock");
  await new Promise<void>((resolve) => foreign.listen(elsewhere, resolve));
  symlinkSync(elsewhere, join(dir, "control.sock"));
  expect(() => place.socket()).toThrow("must be yours");
  foreign.close();
});

test("prints no line that is more than the setting of a variable", () => {
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

test("keeps how far its clock was moved, and moves it only to where everything has room", async () => {
  const file = join(dir, "state.sqlite");
  let store = new Store(file);
  const clock = new MovableClock();
  clock.keepIn(store);
  clock.move(721 * 3_600_000);
  clock.move(-3_600_000);
  for (const ms of [1e12 * 3_600_000, -1e12 * 3_600_000, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clock.move(ms)).toThrow(RangeError);
  }
  store.close();
  store = new Store(file);
  const later = new MovableClock();
  later.keepIn(store);
  expect(later.offset).toBe(720 * 3_600_000);
  expect(Math.abs(later.now() - Date.now() - 720 * 3_600_000)).toBeLessThan(1000);
  store.close();
});
