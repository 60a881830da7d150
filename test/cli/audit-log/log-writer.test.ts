import { ContainerClient } from "@azure/storage-blob";
import { grantRole } from "@terminal-fleet/sandbox/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AuditBlobs } from "../../../cli/audit-log/log-blobs.ts";
import { AuditReader } from "../../../cli/audit-log/log-reader.ts";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { beginRecord, TestLog } from "./test-log.ts";

const monthMs = 31 * 24 * 3600_000;

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

const record = (command: string) => beginRecord(fleet, command);
const verify = () => log.open().reader.verify();

describe("appending to the audit log", () => {
  test("by five operators at once results in one chain over many blobs with every record once", async () => {
    const writers = Array.from({ length: 5 }, () => log.writer(6));
    const commands = writers.flatMap((_, who) => Array.from({ length: 12 }, (_, n) => `${who}-${n}`));
    await Promise.all(
      writers.map(async (writer, who) => {
        for (let n = 0; n < 12; n++) await writer.append([record(`${who}-${n}`)]);
      }),
    );
    const { blobs, broken, records } = await verify();
    expect(broken).toBeUndefined();
    expect(blobs).toBeGreaterThan(8);
    const appended = await log.commands();
    expect(appended.toSorted()).toEqual(commands.toSorted());
    // Each blob has a line that opens it, and all but the last one have a line that closes it.
    expect(records).toBe(commands.length + 2 * blobs - 1);
    for (const who of writers.keys()) {
      expect(appended.filter((command) => command.startsWith(`${who}-`))).toEqual(
        commands.filter((command) => command.startsWith(`${who}-`)),
      );
    }
  });

  test("combines queued records into few blocks", async () => {
    const writer = log.writer();
    await Promise.all(Array.from({ length: 300 }, (_, n) => writer.append([record(String(n))])));
    const { blobCommittedBlockCount } = await log
      .container()
      .getBlobClient((await log.blobs())[0]?.name as string)
      .getProperties();
    expect(blobCommittedBlockCount).toBeLessThan(6);
    expect(await log.commands()).toEqual(Array.from({ length: 300 }, (_, n) => String(n)));
  });

  test("starts a blob each month by the storage account's clock, and never returns to an earlier blob", async () => {
    await log.writer().append([record("first")]);
    fleet.clock.move(monthMs);
    await log.writer().append([record("second")]);
    fleet.clock.move(-monthMs);
    await log.writer().append([record("third")]);
    expect(await verify()).toMatchObject({ blobs: 2, records: 6 });
    expect(await log.commands()).toEqual(["first", "second", "third"]);
  });

  test("finds the end of a log that is longer than the part it reads", async () => {
    const long = "x".repeat(100);
    for (let round = 0; round < 10; round++) {
      const records = Array.from({ length: 120 }, (_, n) => record(`${round}-${n} ${long}`));
      await log.writer().append(records);
    }
    const { records, broken } = await verify();
    expect([records, broken]).toEqual([1201, undefined]);
    expect((await log.blobs())[0]?.text.length).toBeGreaterThan(400_000);
  });

  test.each(["before", "after"] as const)(
    "writes each record once when connections drop %s the append",
    async (drop) => {
      const writer = log.writer(4);
      await writer.append([record("first")]);
      fleet.proxy.faults.add({
        host: fleet.hosts.audit,
        method: "PUT",
        path: "*comp=appendblock*",
        rate: 0.5,
        seed: 3,
        drop,
      });
      for (let n = 0; n < 8; n++) await writer.append([record(String(n))]);
      expect(await log.commands()).toEqual(["first", ..."01234567"]);
      expect((await verify()).broken).toBeUndefined();
    },
  );

  test("continues after a crash between closing a blob and opening the next one", async () => {
    const writer = log.writer(2);
    await writer.append([record("first")]);
    await writer.append([record("second")]);
    // The blob is closed, and the next one cannot be created.
    const answer = { status: 403, headers: { "x-ms-error-code": "AuthorizationFailure" } };
    const clear = fleet.proxy.faults.add({ host: fleet.hosts.audit, method: "PUT", path: "*.jsonl", answer });
    await expect(writer.append([record("lost")])).rejects.toMatchObject({ statusCode: 403 });
    clear();
    // The next blob exists but is empty.
    await log
      .container()
      .getAppendBlobClient((await log.blobs())[0]?.name.replace(".001.", ".002.") as string)
      .create({ conditions: { ifNoneMatch: "*" } });
    await log.writer(2).append([record("third")]);
    expect(await log.commands()).toEqual(["first", "second", "third"]);
    const { blobs, broken } = await verify();
    expect([blobs, broken]).toEqual([2, undefined]);
  });

  test("adds a record that is in the log already, which counts once", async () => {
    const twice = record("twice");
    for (const late of [true, undefined, true] as const) await log.writer().append([{ ...twice, late }]);
    const once = record("once");
    for (const late of [undefined, true] as const) await log.writer().append([{ ...once, late }]);
    expect(await log.commands()).toEqual(["twice", "once"]);
  });
});

describe("verifying the audit log", () => {
  test("names the line where something else was appended, and later records can still be written", async () => {
    await log.writer().append([record("first")]);
    const [{ name }] = (await log.blobs()) as [{ name: string; text: string }];
    await log.container().getAppendBlobClient(name).appendBlock("not a record", 12);
    await log.open().record({ command: "send" }, async () => {});
    expect((await log.blobs())[0]?.text.split("\n")).toHaveLength(6);
    expect((await verify()).broken).toEqual({ blob: name, line: 3, reason: "is not a valid record" });
    await expect(log.records()).rejects.toMatchObject({ code: "AuditChainBroken" });
  });

  test("lists foreign blobs, and tells whether the chain contains an expected record", async () => {
    await log.writer().append([record("first")]);
    const { reader } = log.open();
    const { last } = await reader.verify();
    await log.writer().append([record("second")]);
    const foreign = log.container().getAppendBlobClient("notes.txt");
    await foreign.create({ conditions: { ifNoneMatch: "*" } });
    expect(await reader.verify(last?.hash)).toMatchObject({
      containsExpected: true,
      foreignBlobs: ["notes.txt"],
    });
    expect(await reader.verify("0".repeat(64))).toMatchObject({ containsExpected: false });
  });

  test("finds an edit by an owner who removed the immutability policy first", async () => {
    await log.writer().append(Array.from({ length: 5 }, (_, n) => record(String(n))));
    const [{ name, text }] = (await log.blobs()) as [{ name: string; text: string }];
    const owner = fleet.azure.directory.addServicePrincipal("owner");
    grantRole(fleet.azure, owner.objectId, "Storage Blob Data Owner");
    const pipeline = blobPipeline(fleet.network, { credential: fleet.credential(owner) });
    const container = new ContainerClient(log.url, pipeline);
    const blob = container.getAppendBlobClient(name);
    const forged = text.replace('"command":"2"', '"command":"9"');
    await expect(blob.create()).rejects.toMatchObject({ code: "BlobImmutableDueToPolicy" });
    fleet.azure.resources.delete(`${fleet.auditContainerId(log.url)}/immutabilityPolicies/default`);
    await blob.create();
    await blob.appendBlock(forged, forged.length);
    const permission = () => {
      throw new Error("no right is missing");
    };
    const { broken } = await new AuditReader(new AuditBlobs(container), permission).verify();
    expect(broken).toEqual({
      blob: name,
      line: 5,
      reason: "does not contain the SHA-256 of the record before it",
    });
  });
});
