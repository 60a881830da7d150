import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fleet } from "../../cli/azure/fleet.ts";
import { mintFlowKey } from "../../cli/azure/flow-api/flow-keys.ts";
import type { CredentialBundle } from "../../cli/credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../../cli/credentials/device-keys.ts";
import { collectFile } from "../../cli/file-exchange/collect.ts";
import { requestFile, sendFile, withdrawOffer } from "../../cli/file-exchange/exchange.ts";
import type { OfferStatus } from "../../cli/file-exchange/offers/offer-status.ts";
import { sha256Base64 } from "../../cli/lib/sha256.ts";
import { revoke } from "../../cli/lifecycle/revoke.ts";
import { fileLog } from "../../reference-terminal/log.ts";
import { receivedPath } from "../../reference-terminal/receive.ts";
import { Terminal, type TerminalOptions } from "../../reference-terminal/terminal.ts";
import { type DeployedFleet, deployFleet } from "../cli/fleet-harness.ts";
import { temporaryFolder } from "../support/folder.ts";
import { waitFor } from "../support/wait-for.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bundle: CredentialBundle;
let id: string;
const running: Terminal[] = [];
const lines: string[] = [];
let made = 0;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await temporaryFolder();
  id = `terminal-${made++}`;
  bundle = await onboard(id);
});
afterEach(async () => {
  fleet.proxy.faults.clear();
  await Promise.all(running.splice(0).map((terminal) => terminal.stop()));
  await folder[Symbol.asyncDispose]();
});

async function onboard(terminalId: string): Promise<CredentialBundle> {
  const keys = mintDeviceKeys();
  await operator.registry.create([{ id: terminalId, keys, tags: { customer: "example", site: "Hall A" } }]);
  await operator.files.ensureContainer(terminalId);
  return {
    version: 1,
    terminalId,
    customer: "example",
    site: "Hall A",
    hub: { hostName: operator.outputs.hubHostName, deviceId: terminalId, primaryKey: keys.primaryKey },
    flow: { url: operator.outputs.flowUrl, sharedKey: "none", terminalKey: mintFlowKey() },
    createdAt: new Date().toISOString(),
  };
}

const home = () => folder.file("home");

async function run(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  const terminal = await Terminal.open({
    bundle,
    network: fleet.network,
    folder: home(),
    version: "1.2.3",
    log: fileLog(home(), (line) => lines.push(line)),
    backoff: { firstMs: 50, longestMs: 400 },
    ...options,
  });
  running.push(terminal);
  await terminal.start();
  return terminal;
}

function fileOf(content: Buffer | string, name = "employees.csv"): string {
  const path = folder.file(name);
  writeFileSync(path, content);
  return path;
}

/** Waits until an operator sees an offer in a state. */
async function until(offer: string, state: OfferStatus["state"]): Promise<OfferStatus> {
  return waitFor(`offer ${offer} to be ${state}`, async () => {
    const found = (await operator.offers.list(id)).find((one) => one.id === offer);
    return found?.state === state ? found : undefined;
  });
}

async function reported(): Promise<Record<string, unknown>> {
  for await (const row of operator.registry.query(
    `SELECT properties.reported AS reported FROM devices WHERE deviceId = '${id}'`,
  )) {
    return row.reported as Record<string, unknown>;
  }
  throw new Error(`There is no ${id}.`);
}

describe("a terminal", () => {
  test("reports its version and site, and downloads files that were offered while it was off", async () => {
    const content = randomBytes(3_000_000);
    const { id: offer } = await sendFile(operator, id, fileOf(content), {});
    const terminal = await run();
    await until(offer, "done");
    expect(sha256Base64(readFileSync(receivedPath(home(), offer, "employees.csv")))).toBe(
      sha256Base64(content),
    );
    expect(await reported()).toMatchObject({ terminal: { version: "1.2.3", site: "Hall A" } });
    // What was done makes room, and the terminal follows.
    const { id: next } = await sendFile(operator, id, fileOf("other", "other.csv"), {});
    await until(next, "done");
    await expect
      .poll(async () => Object.keys((await reported()).files as object), { timeout: 60_000 })
      .toEqual([next]);
    expect(terminal.listenerCount("connected")).toBe(0);
  });

  test("waits up to 15 times its first wait when a session of a minute was lost, and up to once after a shorter session", async () => {
    let offsetMs = 0;
    const sleeps: number[] = [];
    const clock = {
      now: () => Date.now() + offsetMs,
      sleep: (ms: number) => {
        sleeps.push(ms);
        return Promise.resolve();
      },
    };
    const terminal = await run({ clock, backoff: { firstMs: 2_000, longestMs: 300_000 } });
    const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
    try {
      for (const sessionMs of [61_000, 0]) {
        offsetMs += sessionMs;
        const back = once(terminal, "connected");
        fleet.hub.dropConnections((device) => device === id);
        await back;
      }
    } finally {
      random.mockRestore();
    }
    // A repeated report waits too, as long as a connection after a short session.
    expect(sleeps.filter((ms) => ms > 2_000)).toEqual([15_000]);
    expect(sleeps.length).toBeGreaterThan(1);
  });

  test("downloads each file that is offered while it is connected once, despite lost connections", async () => {
    const processed: string[] = [];
    const terminal = await run();
    terminal.on("processed", (offer) => processed.push(offer));
    const sent: string[] = [];
    for (let number = 0; number < 8; number++) {
      const path = fileOf(`content ${number}`, `file-${number}.txt`);
      sent.push((await sendFile(operator, id, path, {})).id);
      if (number % 3 === 1) fleet.hub.dropConnections((device) => device === id);
    }
    for (const offer of sent) {
      const [found] = (await operator.offers.list(id)).filter((one) => one.id === offer);
      if (found) await until(offer, "done");
    }
    expect(processed.toSorted()).toEqual(sent.toSorted());
  });

  test("uploads requested files of its folder outgoing, of any size, and no others", async () => {
    const terminal = await run();
    const log = await requestFile(operator, id, "terminal.log", {});
    const collected = await collectFile(operator, id, await until(log.id, "done"), folder.path, {});
    expect(readFileSync(collected, "utf8")).toMatch(/^\S+Z connected\n/);
    writeFileSync(join(home(), "outgoing", "empty.txt"), "");
    const big = randomBytes(10_000_000);
    writeFileSync(join(home(), "outgoing", "big.bin"), big);
    for (const [name, content] of [
      ["empty.txt", Buffer.alloc(0)],
      ["big.bin", big],
    ] as const) {
      const { id: offer } = await requestFile(operator, id, name, {});
      const path = await collectFile(operator, id, await until(offer, "done"), folder.path, {});
      expect(sha256Base64(readFileSync(path))).toBe(sha256Base64(content));
    }
    const other = await requestFile(operator, id, "handled.json", {});
    expect(await until(other.id, "failed")).toMatchObject({ acknowledgement: { reason: "unknownName" } });
    await terminal.stop();
  });

  test("continues a partial download after a restart, and downloads a complete file only once", async () => {
    const content = randomBytes(9_000_000);
    const { id: offer } = await sendFile(operator, id, fileOf(content), {});
    const first = await Terminal.open({
      bundle,
      network: fleet.network,
      folder: home(),
      version: "1",
      log: () => {},
      backoff: { firstMs: 50, longestMs: 400 },
    });
    const partial = join(home(), `${offer}.partial`);
    writeFileSync(partial, content.subarray(0, 6_000_000));
    await first.start();
    await until(offer, "done");
    await first.stop();
    const path = receivedPath(home(), offer, "employees.csv");
    expect(sha256Base64(readFileSync(path))).toBe(sha256Base64(content));
    // The last word gets lost: it is said again, and the file is not fetched again.
    writeFileSync(path, "the application's own");
    const device = await import("../cli/device.ts");
    await device.report(operator, id, { files: { [offer]: null } });
    await until(offer, "waiting");
    await run();
    await until(offer, "done");
    expect(readFileSync(path, "utf8")).toBe("the application's own");
  });

  test("downloads a damaged partial file again, and reports files that differ from their offer or are missing", async () => {
    const content = randomBytes(2_000_000);
    const { id: offer } = await sendFile(operator, id, fileOf(content), {});
    const terminal = await Terminal.open({
      bundle,
      network: fleet.network,
      folder: home(),
      version: "1",
      log: (line) => lines.push(line),
      backoff: { firstMs: 10, longestMs: 20 },
    });
    running.push(terminal);
    writeFileSync(join(home(), `${offer}.partial`), randomBytes(1_000_000));
    await terminal.start();
    await until(offer, "done");
    expect(sha256Base64(readFileSync(receivedPath(home(), offer, "employees.csv")))).toBe(
      sha256Base64(content),
    );

    const container = await operator.files.containerClient(id);
    await terminal.stop();
    const other = await sendFile(operator, id, fileOf("right", "right.txt"), {});
    for await (const { name } of container.listBlobsFlat()) {
      if (name.endsWith("right.txt")) await container.getBlockBlobClient(name).upload("no", 2);
    }
    writeFileSync(join(home(), `${other.id}.partial`), "rig");
    const gone = await sendFile(operator, id, fileOf("gone", "gone.txt"), {});
    for await (const { name } of container.listBlobsFlat()) {
      if (name.endsWith("gone.txt")) await container.deleteBlob(name);
    }
    await run();
    expect(await until(other.id, "failed")).toMatchObject({ acknowledgement: { reason: "mismatch" } });
    expect(await until(gone.id, "failed")).toMatchObject({ acknowledgement: { reason: "missing" } });
    expect(existsSync(join(home(), "received", other.id))).toBe(false);
  });

  test("retries transfers while the storage account fails", async () => {
    fleet.proxy.faults.add({
      host: "*.blob.core.windows.net",
      method: "GET",
      path: "*to-terminal*",
      answer: { status: 500 },
      first: 1,
    });
    fleet.proxy.faults.add({
      host: "*.blob.core.windows.net",
      method: "GET",
      path: "*to-terminal*",
      drop: "before",
      first: 1,
    });
    const { id: offer } = await sendFile(operator, id, fileOf("one"), {});
    await run();
    await until(offer, "done");
  });

  test("downloads no file whose offer was withdrawn or has expired", async () => {
    const withdrawal = Promise.withResolvers<void>();
    let isDownloading = false;
    fleet.proxy.faults.add({
      host: "*.blob.core.windows.net",
      method: "GET",
      path: "*to-terminal*",
      ignoresQuery: true,
      until: withdrawal.promise,
      onApplied: () => {
        isDownloading = true;
      },
    });
    const first = await sendFile(operator, id, fileOf("one", "one.txt"), {});
    await run();
    await waitFor("the terminal to request the file", () => isDownloading);
    await withdrawOffer(operator, id, (await operator.offers.list(id))[0]!);
    fleet.proxy.faults.clear();
    withdrawal.resolve();
    const late = await sendFile(operator, id, fileOf("two", "two.txt"), { days: 15.5 / (24 * 60) });
    await until(late.id, "done");
    expect(existsSync(join(home(), "received", first.id))).toBe(false);
    await Promise.all(running.splice(0).map((terminal) => terminal.stop()));
    const clock = { now: () => Date.now() + 31 * 86_400_000, sleep: (ms: number) => sleep(Math.min(ms, 20)) };
    const over = await sendFile(operator, id, fileOf("three", "three.txt"), {});
    await run({ clock });
    expect(await until(over.id, "failed")).toMatchObject({ acknowledgement: { reason: "expired" } });
  });

  test("a revoked terminal is cut off, gives up its files, and works again when it is reinstated", async () => {
    const terminal = await run();
    await sendFile(operator, id, fileOf("one"), {});
    const cut = new Promise((resolve) => terminal.once("disconnected", resolve));
    const identity = await operator.registry.get(id);
    const doors = await revoke(id, operator, { reason: "test", customer: "example" });
    expect(doors.filter(({ closed }) => !closed)).toEqual([]);
    await cut;
    const again = await new Promise((resolve) => terminal.once("disconnected", resolve));
    expect(again).toBe("UnauthorizedError");
    const disabled = await operator.registry.get(id);
    await operator.registry.update({
      ...disabled!,
      status: "enabled",
      authentication: identity!.authentication,
    });
    await new Promise((resolve) => terminal.once("connected", () => resolve(undefined)));
  });

  test("connects again with a new token before the old one expires", async () => {
    const terminal = await run({ tokenSeconds: 2 });
    let lost = 0;
    terminal.on("disconnected", () => lost++);
    for (let renewals = 0; renewals < 2; renewals++) {
      await new Promise((resolve) => terminal.once("connected", () => resolve(undefined)));
    }
    expect(lost).toBe(0);
    const { id: offer } = await sendFile(operator, id, fileOf("one"), {});
    await until(offer, "done");
  });
});

test("a terminal's log contains no secret", () => {
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(line).not.toMatch(/sig=|https:|SharedAccess|[A-Za-z0-9+/]{43}=/);
});
