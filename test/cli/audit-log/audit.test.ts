import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PendingRecords } from "../../../cli/audit-log/pending-records.ts";
import { OperatorError } from "../../../cli/lib/operator-error.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { auditRole, type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { beginRecord, TestLog } from "./test-log.ts";

let fleet: DeployedFleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let log: TestLog;

beforeAll(async () => {
  fleet = await deployFleet();
  folder = await temporaryFolder();
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  log = new TestLog(fleet, folder);
  fleet.proxy.faults.clear();
});

const pendingFiles = () => readdirSync(log.pendingFolder);

describe("a recorded change", () => {
  test("has a record before it begins and one after it ended: who, when, what, why and the outcome", async () => {
    const audit = log.open();
    const about = { command: "revoke", terminals: ["example-001"], customer: "example", reason: "stolen" };
    const value = await audit.record(about, async () => {
      expect(await log.commands()).toEqual(["revoke"]);
      return 7;
    });
    expect(value).toBe(7);
    const [begin, end, ...rest] = await log.records();
    expect(rest).toEqual([]);
    const who = { objectId: fleet.operator, appId: fleet.env.AZURE_CLIENT_ID };
    expect(begin).toMatchObject({ stage: "begin", who, about });
    expect(end).toMatchObject({ stage: "end", who, about, result: { outcome: "done" } });
    expect(end?.change).toBe(begin?.change);
    expect(Math.abs(Date.parse(begin?.at ?? "") - fleet.azure.clock.now())).toBeLessThan(10_000);
    expect(await audit.reader.verify()).toMatchObject({ records: 3, blobs: 1, foreignBlobs: [] });
  });

  test("that fails is recorded with the service's code and without keys from the error message", async () => {
    const audit = log.open();
    const key = Buffer.alloc(32, 1).toString("base64");
    const refused = new OperatorError("notAllowed", `no right, key ${key}`, { code: "AuthorizationFailed" });
    for (const error of [refused, new Error(key), new OperatorError("interrupted", "interrupted")]) {
      await expect(audit.record({ command: "send" }, () => Promise.reject(error))).rejects.toBe(error);
    }
    const ends = (await log.records()).filter(({ stage }) => stage === "end");
    expect(ends).toMatchObject([
      { result: { outcome: "failed", code: "AuthorizationFailed", message: "no right, key [removed]" } },
      { result: { outcome: "failed", message: "a defect of the program" } },
      { result: { outcome: "interrupted" } },
    ]);
    expect(JSON.stringify(ends)).not.toContain(key);
  });

  test("of 60,000 terminals names all of them, in records of limited length", async () => {
    const terminals = Array.from(
      { length: 60_000 },
      (_, n) => `example-terminal-with-a-name-that-is-long-${n}`,
    );
    const change = await log.open().begin({ command: "onboard", customer: "example", count: 60_000 });
    await change.before(terminals);
    await change.after(terminals.slice(1), [
      { terminal: terminals[0] as string, code: "DeviceAlreadyExists", message: "exists" },
    ]);
    await change.end({ outcome: "failed" });
    const records = await log.records();
    const terminalsOf = (stage: string) =>
      records.flatMap((record) => (record.stage === stage && "terminals" in record ? record.terminals : []));
    expect(terminalsOf("before")).toEqual(terminals);
    expect(terminalsOf("after")).toEqual(terminals.slice(1));
    expect(records.find((record) => record.stage === "after" && record.failed)).toMatchObject({
      failed: [{ terminal: terminals[0], code: "DeviceAlreadyExists", message: "exists" }],
    });
    const lines = (await log.blobs()).flatMap(({ text }) => text.split("\n"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(64 * 1024);
  });
});

describe("a log without the right to write", () => {
  test("aborts a change before it begins and names the missing right", async () => {
    const restore = fleet.withdraw(auditRole);
    let hasBegun = false;
    const change = log.open().record({ command: "send" }, async () => {
      hasBegun = true;
    });
    await expect(change).rejects.toMatchObject({
      outcome: "notAllowed",
      message: expect.stringContaining("nothing was changed, because the change cannot be recorded"),
      remedy: expect.stringContaining("blobs/add/action"),
    });
    restore();
    expect(hasBegun).toBe(false);
    expect(await log.records()).toEqual([]);
  });

  test('lets a change with ifUnwritable "continue" proceed; a later run adds its pending records in order', async () => {
    const restore = fleet.withdraw(auditRole);
    const value = await log
      .open()
      .record(
        { command: "revoke", terminals: ["example-001"], reason: "stolen" },
        async () => true,
        undefined,
        { ifUnwritable: "continue" },
      );
    restore();
    expect(value).toBe(true);
    expect(log.troubles).toHaveLength(2);
    expect(log.troubles[0]).toContain(`The record is stored in ${log.pendingFolder}`);
    const pending = pendingFiles();
    expect(pending).toHaveLength(2);
    if (process.platform !== "win32") {
      expect(statSync(join(log.pendingFolder, pending[0] as string)).mode & 0o077).toBe(0);
    }
    await log.open().record({ command: "send" }, async () => {});
    expect(pendingFiles()).toEqual([]);
    expect(await log.records()).toMatchObject([
      { stage: "begin", about: { command: "revoke", reason: "stolen" }, late: true },
      { stage: "end", about: { command: "revoke" }, result: { outcome: "done" }, late: true },
      { stage: "begin", about: { command: "send" } },
      { stage: "end" },
    ]);
  });

  test("stores an outcome on this computer; a record that was added twice counts once", async () => {
    let restore = () => {};
    await log.open().record({ command: "send" }, async () => {
      restore = fleet.withdraw(auditRole);
    });
    restore();
    const [name] = pendingFiles() as [string];
    const path = join(log.pendingFolder, name);
    const text = readFileSync(path, "utf8");
    await log.open().record({ command: "one" }, async () => {});
    // As after a kill between adding the record and removing the file.
    writeFileSync(path, text);
    await log.open().record({ command: "two" }, async () => {});
    expect((await log.open().reader.verify()).records).toBe(8);
    expect(await log.commands()).toEqual(["send", "end", "one", "end", "two", "end"]);
  });
});

describe("a log that does not answer", () => {
  /** A tenth of the usual time limits. Commands are tested with those in test/cli/commands/audit.test.ts. */
  const timeouts = { idleMs: 250, retryDelayMs: 50, patienceMs: 300, flushMs: 1_500 };

  test("has the record on this computer before the change continues; it is removed once it is in the log", async () => {
    // The first two tries get no answer.
    fleet.proxy.faults.add({ host: fleet.hosts.audit, delayMs: 3_600_000, first: 2 });
    const change = await log
      .open({ ...timeouts, flushMs: 15_000 })
      .begin({ command: "revoke" }, { ifUnwritable: "continue" });
    expect(pendingFiles()).toHaveLength(1);
    const path = join(log.pendingFolder, pendingFiles()[0] as string);
    expect(readFileSync(path, "utf8")).toContain('"revoke"');
    await change.end({ outcome: "done" });
    expect(pendingFiles()).toEqual([]);
    expect(await log.commands()).toEqual(["revoke", "end"]);
    expect(log.troubles).toEqual([]);
  });

  test("delays a change by its time limits only, and a later run adds the missing records", async () => {
    const clear = fleet.proxy.faults.add({ host: fleet.hosts.audit, delayMs: 3_600_000 });
    const start = performance.now();
    await log
      .open(timeouts)
      .record({ command: "revoke" }, async () => {}, undefined, { ifUnwritable: "continue" });
    await expect(log.open(timeouts).record({ command: "send" }, async () => {})).rejects.toMatchObject({
      outcome: "unreachable",
      code: "ETIMEDOUT",
    });
    expect(performance.now() - start).toBeLessThan(60_000);
    expect(log.troubles).toHaveLength(2);
    expect(log.troubles[0]).toContain(`The record is stored in ${log.pendingFolder}`);
    clear();
    await log.open().record({ command: "send" }, async () => {});
    expect(await log.commands()).toEqual(["revoke", "end", "send", "end"]);
    expect(pendingFiles()).toEqual([]);
  });
});

test("a complete .partial file of pending records is added to the log, and an old incomplete one is reported", async () => {
  const pending = new PendingRecords(log.pendingFolder);
  await pending.store([beginRecord(fleet, "first")]);
  await pending.store([beginRecord(fleet, "second")]);
  const [first, second] = pendingFiles().sort() as [string, string];
  const inFolder = (name: string) => join(log.pendingFolder, name);
  renameSync(inFolder(first), inFolder(first.replace("jsonl", "partial")));
  const text = readFileSync(inFolder(second), "utf8");
  const incomplete = inFolder(second.replace("jsonl", "partial"));
  renameSync(inFolder(second), incomplete);
  writeFileSync(incomplete, text.slice(0, -1));
  await log.open().record({ command: "send" }, async () => {});
  expect(await log.commands()).toEqual(["first", "send", "end"]);
  // A young file is not reported, since another run may be writing it.
  expect(log.troubles).toEqual([]);
  utimesSync(incomplete, 0, 0);
  await log.open().record({ command: "send" }, async () => {});
  expect(log.troubles).toEqual([expect.stringContaining(`${incomplete} is damaged`)]);
});
