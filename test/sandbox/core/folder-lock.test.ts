import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";

const times = 10;
const apartMs = 700;

/**
 * A process that locks one folder after the other, each at a given moment. It prints the indexes of the folders that it
 * locked, and keeps them locked until its standard input ends.
 */
const lockingProcess = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "../../../sandbox/core/folder-lock.ts"))};
  const [dir, firstAt] = process.argv.slice(1);
  const locked = [];
  const releases = [];
  for (let time = 0; time < ${times}; time++) {
    const at = Number(firstAt) + time * ${apartMs};
    await sleep(at - Date.now() - 5);
    while (Date.now() < at);
    try {
      releases.push(lockFolder(dir + "/" + time));
      locked.push(time);
    } catch (error) {
      if (!/runs or starts the sandbox/.test(error.message)) throw error;
    }
  }
  console.log(JSON.stringify(locked));
  // The other process may still wait for the last lock.
  for await (const _ of process.stdin);
  for (const release of releases) release();
`;

test("exactly one of two processes that lock a folder at the same moment succeeds", async () => {
  await using folder = await temporaryFolder();
  for (let time = 0; time < times; time++) mkdirSync(join(folder.path, String(time)));
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", lockingProcess];
  const start = () =>
    spawn(process.execPath, [...args, folder.path, String(startsAt)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  const startsAt = Date.now() + 2_000;
  const children = [start(), start()];
  const readResult = async ({ stdout }: (typeof children)[number]) => {
    for await (const line of createInterface(stdout)) return JSON.parse(line) as number[];
    throw new Error("A process ended without a result.");
  };
  const locked = await Promise.all(children.map(readResult)).finally(() => {
    for (const { stdin } of children) stdin.end();
  });
  await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")));
  const all = locked.flat();
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: times }, (_, time) => time));
});
