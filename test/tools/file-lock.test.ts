import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileLocked, lockFile, readHolder, waitForLock } from "../../tools/file-lock/file-lock.ts";
import { temporaryFolder } from "../support/folder.ts";

const source = join(import.meta.dirname, "../../tools/file-lock/file-lock.ts");

/** A process that locks the file and names itself in the holder file. It ends when its standard input closes. */
async function startHolder(file: string, holderFile: string) {
  const script = `
    import { lockFile } from ${JSON.stringify(source)};
    const [file, holderFile] = process.argv.slice(1);
    const release = lockFile(file, { holderFile });
    console.log("locked");
    process.stdin.on("end", release).resume();
  `;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script, file, holderFile], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  holder.stderr.on("data", (data) => (stderr += data));
  await once(holder.stdout, "data");
  return { holder, stderr: () => stderr };
}

test("a lock of another process is rejected at once, with the process that holds it", async () => {
  await using folder = await temporaryFolder();
  const [file, holderFile] = [folder.file("lock"), folder.file("holder")];
  const { holder, stderr } = await startHolder(file, holderFile);
  let error: unknown;
  try {
    lockFile(file, { holderFile });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(FileLocked);
  expect((error as FileLocked).holder).toEqual({ pid: holder.pid, host: hostname() });
  expect((error as FileLocked).message).toBe(
    `Process ${holder.pid} on ${hostname()} holds the lock ${file}.`,
  );
  holder.stdin.end();
  await once(holder, "close");
  expect(existsSync(holderFile)).toBe(false);
  expect(stderr()).toBe("");
});

test("a process that waits gets the lock when the other process releases it", async () => {
  await using folder = await temporaryFolder();
  const [file, holderFile] = [folder.file("lock"), folder.file("holder")];
  const { holder } = await startHolder(file, holderFile);
  const waiting = waitForLock(file, { waitMs: 60_000, holderFile });
  holder.stdin.end();
  const release = await waiting;
  expect(readHolder(holderFile)).toEqual({ pid: process.pid, host: hostname() });
  release();
});

test("a process that waits for too long gets an error that names the holder", async () => {
  await using folder = await temporaryFolder();
  const [file, holderFile] = [folder.file("lock"), folder.file("holder")];
  const { holder } = await startHolder(file, holderFile);
  await expect(waitForLock(file, { waitMs: 300, holderFile })).rejects.toThrow(`Process ${holder.pid} on `);
  holder.stdin.end();
  await once(holder, "close");
});

test("the operating system releases the lock of a killed process", async () => {
  await using folder = await temporaryFolder();
  const [file, holderFile] = [folder.file("lock"), folder.file("holder")];
  const { holder } = await startHolder(file, holderFile);
  holder.kill("SIGKILL");
  await once(holder, "close");
  expect(readFileSync(holderFile, "utf8")).toBe(`${holder.pid} ${hostname()}`);
  lockFile(file, { holderFile })();
  expect(existsSync(holderFile)).toBe(false);
});

test("an error that is not about another process is passed on", async () => {
  await using folder = await temporaryFolder();
  expect(() => lockFile(folder.file("missing/lock"))).toThrow(/unable to open database file/);
});
