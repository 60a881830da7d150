import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ContainerClient } from "@azure/storage-blob";
import { grantRole } from "@terminal-fleet/sandbox/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Audit } from "../../../cli/audit-log/audit.ts";
import { AuditBlobs } from "../../../cli/audit-log/log-blobs.ts";
import { AuditReader } from "../../../cli/audit-log/log-reader.ts";
import { AuditLogWriter } from "../../../cli/audit-log/log-writer.ts";
import { openAudit } from "../../../cli/audit-log/open-audit.ts";
import { PendingRecords } from "../../../cli/audit-log/pending-records.ts";
import type { ChangeRecord } from "../../../cli/audit-log/record.ts";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import { OperatorError } from "../../../cli/lib/operator-error.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { auditRole, type DeployedFleet, deployFleet } from "../fleet-harness.ts";

const month = 31 * 24 * 3600_000;

let fleet: DeployedFleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let pending: string;
let troubles: string[];
let containers = 0;
/** Each test has a log of its own. */
let url: string;

beforeAll(async () => {
  fleet = await deployFleet();
  folder = await temporaryFolder();
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  url = fleet.auditContainer(`audit-${++containers}`);
  pending = folder.file(`pending-${containers}`);
  troubles = [];
  fleet.proxy.faults.clear();
});

const signIn = () => signInWith(fleet.credential());
/** One operator's computer. */
const open = (): Audit =>
  openAudit({ auditContainerUrl: url, operatorsGroupName: fleet.outputs.operatorsGroupName }, signIn(), {
    network: fleet.network,
    folder: pending,
    onTrouble: (message) => troubles.push(message),
  });
const container = () =>
  new ContainerClient(
    url,
    blobPipeline(fleet.network, {
      credential: fleet.credential(),
      retries: { maxTries: 9, retryDelayInMs: 5 },
    }),
  );
const logOf = (mostBlocks?: number) => new AuditLogWriter(new AuditBlobs(container()), { mostBlocks });

async function recordsOf(audit: Audit): Promise<ChangeRecord[]> {
  const found: ChangeRecord[] = [];
  for await (const record of audit.reader.records()) found.push(record);
  return found;
}

function recordOf(command: string): ChangeRecord {
  const [id, change] = [crypto.randomUUID(), crypto.randomUUID()];
  const at = new Date(fleet.azure.clock.now()).toISOString();
  return { stage: "begin", at, id, change, who: { objectId: "example" }, about: { command } };
}

const commandsOf = (records: ChangeRecord[]) =>
  records.map((record) => (record.stage === "begin" ? record.about.command : record.stage));

describe("a change", () => {
  test("is recorded before it begins and after it has ended: who, when, what, why and the outcome", async () => {
    const audit = open();
    const told = { command: "revoke", terminals: ["example-001"], customer: "example", reason: "stolen" };
    const value = await audit.record(told, async () => {
      expect(commandsOf(await recordsOf(audit))).toEqual(["revoke"]);
      return 7;
    });
    expect(value).toBe(7);
    const [begin, end, ...rest] = await recordsOf(open());
    expect(rest).toEqual([]);
    const who = { objectId: fleet.operator, appId: fleet.env.AZURE_CLIENT_ID };
    expect(begin).toMatchObject({ stage: "begin", who, about: told });
    expect(end).toMatchObject({ stage: "end", who, about: told, result: { outcome: "done" } });
    expect(end?.change).toBe(begin?.change);
    expect(Math.abs(Date.parse(begin?.at ?? "") - fleet.azure.clock.now())).toBeLessThan(10_000);
    expect(await audit.reader.verify()).toMatchObject({ records: 3, blobs: 1, strangers: [] });
  });

  test("that fails is recorded with the service's code, and without what an error may hold", async () => {
    const audit = open();
    const key = Buffer.alloc(32, 1).toString("base64");
    const refused = new OperatorError("notAllowed", `no right, key ${key}`, { code: "AuthorizationFailed" });
    for (const error of [refused, new Error(key), new OperatorError("interrupted", "interrupted")]) {
      await expect(audit.record({ command: "send" }, () => Promise.reject(error))).rejects.toBe(error);
    }
    const ends = (await recordsOf(audit)).filter(({ stage }) => stage === "end");
    expect(ends).toMatchObject([
      { result: { outcome: "failed", code: "AuthorizationFailed", message: "no right, key [removed]" } },
      { result: { outcome: "failed", message: "a defect of the program" } },
      { result: { outcome: "interrupted" } },
    ]);
    expect(JSON.stringify(ends)).not.toContain(key);
  });

  test("of many terminals names them all, part by part, in lines that stay short", async () => {
    const audit = open();
    const terminals = Array.from(
      { length: 60_000 },
      (_, n) => `example-terminal-with-a-name-that-is-long-${n}`,
    );
    const change = await audit.begin({ command: "onboard", customer: "example", count: 60_000 });
    await change.before(terminals);
    await change.after(terminals.slice(1), [
      { terminal: terminals[0] as string, code: "DeviceAlreadyExists", message: "exists" },
    ]);
    await change.end({ outcome: "failed" });
    const records = await recordsOf(audit);
    const named = (stage: string) =>
      records.flatMap((record) => (record.stage === stage && "terminals" in record ? record.terminals : []));
    expect(named("before")).toEqual(terminals);
    expect(named("after")).toEqual(terminals.slice(1));
    expect(records.find((record) => record.stage === "after" && record.failed)).toMatchObject({
      failed: [{ terminal: terminals[0], code: "DeviceAlreadyExists", message: "exists" }],
    });
    const lines = (await contentOf()).flatMap(({ text }) => text.split("\n"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(64 * 1024);
  });
});

/** The blobs as they lie there. */
async function contentOf(): Promise<{ name: string; text: string }[]> {
  const blobs: { name: string; text: string }[] = [];
  for await (const { name } of container().listBlobsFlat()) {
    blobs.push({ name, text: (await container().getBlobClient(name).downloadToBuffer()).toString() });
  }
  return blobs;
}

describe("the log", () => {
  test("of many operators at once is one chain, over many blobs, with every record once", async () => {
    const operators = Array.from({ length: 5 }, () => logOf(6));
    const commands = operators.flatMap((_, who) => Array.from({ length: 12 }, (_, n) => `${who}-${n}`));
    await Promise.all(
      operators.map(async (log, who) => {
        for (let n = 0; n < 12; n++) await log.append([recordOf(`${who}-${n}`)]);
      }),
    );
    const audit = open();
    const { blobs, broken, records } = await audit.reader.verify();
    expect(broken).toBeUndefined();
    expect(blobs).toBeGreaterThan(8);
    const found = commandsOf(await recordsOf(audit));
    expect(found.toSorted()).toEqual(commands.toSorted());
    // Each blob has a line that opens it, and all but the last one that closes it.
    expect(records).toBe(commands.length + 2 * blobs - 1);
    for (const who of operators.keys()) {
      expect(found.filter((command) => command.startsWith(`${who}-`))).toEqual(
        commands.filter((command) => command.startsWith(`${who}-`)),
      );
    }
  });

  test("of records that wait together is written together", async () => {
    const log = logOf();
    await Promise.all(Array.from({ length: 300 }, (_, n) => log.append([recordOf(String(n))])));
    const { blobCommittedBlockCount } = await container()
      .getBlobClient((await contentOf())[0]?.name as string)
      .getProperties();
    expect(blobCommittedBlockCount).toBeLessThan(6);
    expect(commandsOf(await recordsOf(open()))).toEqual(Array.from({ length: 300 }, (_, n) => String(n)));
  });

  test("goes on in a new blob each month by the storage account's clock, and never in an earlier one", async () => {
    await logOf().append([recordOf("first")]);
    fleet.clock.move(month);
    await logOf().append([recordOf("second")]);
    fleet.clock.move(-month);
    // A clock that was wrong for a while does not tear the chain.
    await logOf().append([recordOf("third")]);
    const audit = open();
    expect(await audit.reader.verify()).toMatchObject({ blobs: 2, records: 6 });
    expect(commandsOf(await recordsOf(audit))).toEqual(["first", "second", "third"]);
  });

  test("is found again where it ends, also when it is long", async () => {
    const long = "x".repeat(100);
    for (let round = 0; round < 10; round++) {
      const log = logOf();
      await log.append(Array.from({ length: 120 }, (_, n) => recordOf(`${round}-${n} ${long}`)));
    }
    const audit = open();
    const { records, broken } = await audit.reader.verify();
    expect([records, broken]).toEqual([1201, undefined]);
    expect((await contentOf())[0]?.text.length).toBeGreaterThan(400_000);
  });

  test.each(["before", "after"] as const)(
    "holds a record once when the connection is lost %s it was taken",
    async (drop) => {
      const log = logOf(4);
      await log.append([recordOf("first")]);
      fleet.proxy.faults.add({
        host: fleet.hosts.audit,
        method: "PUT",
        path: "*comp=appendblock*",
        rate: 0.5,
        seed: 3,
        drop,
      });
      for (let n = 0; n < 8; n++) await log.append([recordOf(String(n))]);
      const audit = open();
      expect(commandsOf(await recordsOf(audit))).toEqual(["first", ..."01234567"]);
      expect((await audit.reader.verify()).broken).toBeUndefined();
    },
  );

  test("goes on after a crash between two blobs", async () => {
    const log = logOf(2);
    await log.append([recordOf("first")]);
    await log.append([recordOf("second")]);
    // The blob is closed, and the next one cannot be made.
    const refuse = { status: 403, headers: { "x-ms-error-code": "AuthorizationFailure" } };
    const clear = fleet.proxy.faults.add({
      host: fleet.hosts.audit,
      method: "PUT",
      path: "*.jsonl",
      answer: refuse,
    });
    await expect(log.append([recordOf("lost")])).rejects.toMatchObject({ statusCode: 403 });
    clear();
    // Made, and nothing written to it.
    await container()
      .getAppendBlobClient((await contentOf())[0]?.name.replace(".001.", ".002.") as string)
      .create({ conditions: { ifNoneMatch: "*" } });
    await logOf(2).append([recordOf("third")]);
    const audit = open();
    expect(commandsOf(await recordsOf(audit))).toEqual(["first", "second", "third"]);
    const { blobs, broken } = await audit.reader.verify();
    expect([blobs, broken]).toEqual([2, undefined]);
  });

  test("takes records after something else was added to it, and says where it is broken", async () => {
    await logOf().append([recordOf("first")]);
    const [{ name }] = (await contentOf()) as [{ name: string; text: string }];
    await container().getAppendBlobClient(name).appendBlock("not a record", 12);
    const audit = open();
    await audit.record({ command: "send" }, async () => {});
    expect((await contentOf())[0]?.text.split("\n")).toHaveLength(6);
    expect((await audit.reader.verify()).broken).toEqual({ blob: name, line: 3, reason: "is not a record" });
    await expect(recordsOf(audit)).rejects.toMatchObject({ code: "AuditChainBroken" });
  });

  test("tells of a stranger's blob, and whether a record is still in it", async () => {
    await logOf().append([recordOf("first")]);
    const { reader } = open();
    const { last } = await reader.verify();
    await logOf().append([recordOf("second")]);
    await container()
      .getAppendBlobClient("notes.txt")
      .create({
        conditions: { ifNoneMatch: "*" },
      });
    expect(await reader.verify(last?.hash)).toMatchObject({ holds: true, strangers: ["notes.txt"] });
    expect(await reader.verify("0".repeat(64))).toMatchObject({ holds: false });
  });

  test("that was edited in the middle by somebody with every right is found out", async () => {
    await logOf().append(Array.from({ length: 5 }, (_, n) => recordOf(String(n))));
    const [{ name, text }] = (await contentOf()) as [{ name: string; text: string }];
    const owner = fleet.azure.directory.addServicePrincipal("owner");
    grantRole(fleet.azure, owner.objectId, "Storage Blob Data Owner");
    const credential = fleet.credential(owner);
    const blob = new ContainerClient(url, blobPipeline(fleet.network, { credential })).getAppendBlobClient(
      name,
    );
    const forged = text.replace('"command":"2"', '"command":"9"');
    await expect(blob.create()).rejects.toMatchObject({ code: "BlobImmutableDueToPolicy" });
    // The subscription's owner takes the immutability away first.
    fleet.azure.resources.delete(`${fleet.auditContainerId(url)}/immutabilityPolicies/default`);
    await blob.create();
    await blob.appendBlock(forged, forged.length);
    const { broken } = await new AuditReader(
      new AuditBlobs(new ContainerClient(url, blobPipeline(fleet.network, { credential }))),
      () => {
        throw new Error("asked for");
      },
    ).verify();
    expect(broken).toEqual({
      blob: name,
      line: 5,
      reason: "does not hold the SHA-256 of the record before it",
    });
  });
});

describe("a log that cannot be written", () => {
  test("stops a change before it begins, and says which right is missing", async () => {
    const giveBack = fleet.withdraw(auditRole);
    let begun = false;
    const change = open().record({ command: "send" }, async () => {
      begun = true;
    });
    await expect(change).rejects.toMatchObject({
      outcome: "notAllowed",
      message: expect.stringContaining("nothing was changed, because it cannot be recorded"),
      remedy: expect.stringContaining("blobs/add/action"),
    });
    giveBack();
    expect(begun).toBe(false);
    expect(await recordsOf(open())).toEqual([]);
  });

  test("does not stop a change that is more important; its records wait, and a later run adds them in order", async () => {
    const giveBack = fleet.withdraw(auditRole);
    const done = await open().record(
      { command: "revoke", terminals: ["example-001"], reason: "stolen" },
      async () => true,
      undefined,
      { ifUnwritable: "continue" },
    );
    giveBack();
    expect(done).toBe(true);
    expect(troubles).toHaveLength(2);
    expect(troubles[0]).toContain(`The record is kept in ${pending}`);
    const kept = readdirSync(pending);
    expect(kept).toHaveLength(2);
    if (process.platform !== "win32") expect(statSync(join(pending, kept[0] as string)).mode & 0o077).toBe(0);
    const audit = open();
    await audit.record({ command: "send" }, async () => {});
    expect(readdirSync(pending)).toEqual([]);
    expect(await recordsOf(audit)).toMatchObject([
      { stage: "begin", about: { command: "revoke", reason: "stolen" }, late: true },
      { stage: "end", about: { command: "revoke" }, result: { outcome: "done" }, late: true },
      { stage: "begin", about: { command: "send" } },
      { stage: "end" },
    ]);
  });

  test("keeps an outcome that it missed, and a record that was added twice counts once", async () => {
    const audit = open();
    let giveBack = () => {};
    await audit.record({ command: "send" }, async () => {
      giveBack = fleet.withdraw(auditRole);
    });
    giveBack();
    const [name] = readdirSync(pending) as [string];
    const text = readFileSync(join(pending, name), "utf8");
    await open().record({ command: "one" }, async () => {});
    // A kill after it was added and before the file was removed.
    writeFileSync(join(pending, name), text);
    await open().record({ command: "two" }, async () => {});
    expect((await open().reader.verify()).records).toBe(8);
    expect(commandsOf(await recordsOf(open()))).toEqual(["send", "end", "one", "end", "two", "end"]);
  });

  test("that stands still: the record is on this computer before the change goes on, and gone from there once it is in the log", async () => {
    // Its account answers nothing until two tries were given up.
    fleet.proxy.faults.add({ host: fleet.hosts.audit, delayMs: 3_600_000, first: 2 });
    const audit = open();
    const begun = await audit.begin({ command: "revoke" }, { ifUnwritable: "continue" });
    expect(readdirSync(pending)).toHaveLength(1);
    expect(readFileSync(join(pending, readdirSync(pending)[0] as string), "utf8")).toContain('"revoke"');
    await begun.end({ outcome: "done" });
    expect(readdirSync(pending)).toEqual([]);
    expect(commandsOf(await recordsOf(audit))).toEqual(["revoke", "end"]);
    expect(troubles).toEqual([]);
  });

  test("that never answers holds nothing up for long, and a later run adds what it missed", async () => {
    const clear = fleet.proxy.faults.add({ host: fleet.hosts.audit, delayMs: 3_600_000 });
    const from = performance.now();
    await open().record({ command: "revoke" }, async () => {}, undefined, { ifUnwritable: "continue" });
    await expect(open().record({ command: "send" }, async () => {})).rejects.toMatchObject({
      outcome: "unreachable",
      code: "ETIMEDOUT",
    });
    expect(performance.now() - from).toBeLessThan(60_000);
    expect(troubles).toHaveLength(2);
    expect(troubles[0]).toContain(`The record is kept in ${pending}`);
    clear();
    const audit = open();
    await audit.record({ command: "send" }, async () => {});
    expect(commandsOf(await recordsOf(audit))).toEqual(["revoke", "end", "send", "end"]);
    expect(readdirSync(pending)).toEqual([]);
  }, 90_000);

  test("a record that two runs have added counts once, whichever was first", async () => {
    const twice = recordOf("twice");
    for (const late of [true, undefined, true] as const) await logOf().append([{ ...twice, late }]);
    const once = recordOf("once");
    for (const late of [undefined, true] as const) await logOf().append([{ ...once, late }]);
    expect(commandsOf(await recordsOf(open()))).toEqual(["twice", "once"]);
  });

  test("what a power cut left under its passing name is added when it is whole, and else told of", async () => {
    const kept = new PendingRecords(pending);
    await kept.store([recordOf("first")]);
    await kept.store([recordOf("second")]);
    const [first, second] = readdirSync(pending).sort() as [string, string];
    renameSync(join(pending, first), join(pending, first.replace("jsonl", "partial")));
    const text = readFileSync(join(pending, second), "utf8");
    const torn = join(pending, second.replace("jsonl", "partial"));
    renameSync(join(pending, second), torn);
    writeFileSync(torn, text.slice(0, -1));
    const audit = open();
    await audit.record({ command: "send" }, async () => {});
    expect(commandsOf(await recordsOf(audit))).toEqual(["first", "send", "end"]);
    // Another run may be writing it.
    expect(troubles).toEqual([]);
    utimesSync(torn, 0, 0);
    await open().record({ command: "send" }, async () => {});
    expect(troubles).toEqual([expect.stringContaining(`${torn} is damaged`)]);
  });
});
