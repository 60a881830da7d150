import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BlockBlobClient } from "@azure/storage-blob";
import pMap from "p-map";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { blobNameOf } from "../../../cli/file-exchange/file-link.ts";
import type { DownloadOffer } from "../../../cli/file-exchange/offers/offer.ts";
import type { OfferStatus } from "../../../cli/file-exchange/offers/offer-status.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { waitFor } from "../../support/wait-for.ts";
import { report } from "../device.ts";
import { makeCrowd, readOffers, TransferCounter } from "../file-exchange/offer-crowd.ts";
import { type DeskFleet, fleetWithDesk } from "../onboarding/onboarding-desk.ts";
import { type CliResult, jsonLines } from "../run-cli.ts";

/** `npm run bench -- send-many` and a run with SEND_MANY_TERMINALS=1000 use a thousand terminals. */
const crowdSize = Number(process.env.SEND_MANY_TERMINALS ?? 60);

let setup: DeskFleet;
let fleet: DeskFleet["fleet"];
let operator: DeskFleet["operator"];
let folder: DeskFleet["folder"];
let desk: DeskFleet["desk"];

beforeAll(async () => {
  setup = await fleetWithDesk("terminal;site;customer\n");
  ({ fleet, operator, folder, desk } = setup);
});
afterEach(() => fleet.proxy.faults.clear());
afterAll(() => setup?.close());

function fileOf(name: string, content: string): string {
  const path = folder.file(name);
  writeFileSync(path, content);
  return path;
}

const json = (...args: string[]) => [...args, "--json", "--yes", "--outputs", desk.outputs];
const onFleet = (...args: string[]): Promise<CliResult> => desk.runInProcess(json(...args));
const summaryOf = (result: CliResult) => jsonLines(result).find(({ type }) => type === "summary");

test("send to a customer, killed twice and run again, gives each terminal the file once with one upload of its bytes", {
  timeout: 600_000,
}, async () => {
  const ids = await makeCrowd(operator, "crowd", crowdSize, { customer: "crowd-customer", site: "A" });
  const path = fileOf("employees.csv", "name;number\n".repeat(1_000));
  using transfers = new TransferCounter(fleet.proxy, fleet.hosts.files);
  const seen = new Map<string, Set<string>>(ids.map((id) => [id, new Set()]));
  const look = async () => {
    const offers = await readOffers(operator, ids);
    for (const [id, all] of offers) {
      for (const one of all) if (one.offer.name === "employees.csv") seen.get(id)?.add(one.id);
    }
    return [...offers].filter(([, all]) => all.length > 0).map(([id]) => id);
  };
  const killedAfter = async (share: number) => {
    const killWhen = waitFor(`${share} of the copies`, () => transfers.copies >= share * crowdSize, {
      withinMs: 120_000,
    });
    const args = json("send", path, "--customer", "crowd-customer", "--wave", "10");
    const killed = await desk.run(args, { killWhen });
    expect(killed.code, killed.stdout.slice(-500)).toBe(-1);
    return look();
  };

  const first = await killedAfter(0.2);
  expect(first.length).toBeLessThan(crowdSize);
  // Two terminals download the file. One then gets another file, for which the finished offer makes room.
  const [early = "", second = ""] = first;
  for (const terminal of [early, second]) {
    const [id = ""] = seen.get(terminal) ?? [];
    const [status] = await operator.offers.list(terminal);
    const { sha256, size } = (status as OfferStatus).offer as DownloadOffer;
    await report(operator, terminal, {
      files: { [id]: { state: "done", sha256, size, at: new Date().toISOString() } },
    });
  }
  expect((await onFleet("send", early, fileOf("other.txt", "other"))).code).toBe(0);
  const after = await killedAfter(0.6);
  expect(after.length).toBeLessThan(crowdSize);

  const result = await onFleet("send", path, "--customer", "crowd-customer");
  expect(result.code, result.stdout.slice(-500)).toBe(0);
  await look();
  expect([...seen.values()].filter(({ size }) => size !== 1)).toEqual([]);
  expect(summaryOf(result)).toMatchObject({ terminals: crowdSize, failed: 0, left: 0 });
  const { unchanged, offered } = summaryOf(result) as Record<string, number>;
  expect(Number(unchanged) + Number(offered)).toBe(crowdSize);
  // One upload of this file and one of the other; a copy that a kill cut off may be made again.
  expect(transfers.uploads).toBe(2);
  expect(transfers.copies).toBeGreaterThanOrEqual(crowdSize - 1);
  const blobs = await pMap(ids, (id) => listBlobs(id, "employees.csv"), { concurrency: 16 });
  expect(blobs.filter(({ length }) => length === 0)).toEqual([]);

  // Each link is its own: it works until its terminal is revoked, and the others go on working.
  const offers = await readOffers(operator, ids.slice(-2));
  const [kept, lost] = [...offers.values()].map(([one]) => one?.offer.url as string);
  expect([
    await operator.files.acceptsLink(kept ?? ""),
    await operator.files.acceptsLink(lost ?? ""),
  ]).toEqual([true, true]);
  await operator.files.removePolicy(ids.at(-1) as string);
  expect([
    await operator.files.acceptsLink(kept ?? ""),
    await operator.files.acceptsLink(lost ?? ""),
  ]).toEqual([true, false]);
});

async function listBlobs(terminal: string, name: string): Promise<string[]> {
  const container = await operator.files.containerClient(terminal);
  const names: string[] = [];
  for await (const { name: blob } of container.listBlobsFlat())
    if (blob.endsWith(`/${name}`)) names.push(blob);
  return names;
}

test("the links of a sent file name no other terminal, and give the file's content", async () => {
  const ids = await makeCrowd(operator, "linked", 3, { customer: "linked-customer", site: "A" });
  const result = await onFleet("send", fileOf("a.txt", "content"), "--customer", "linked-customer");
  expect(result.code, result.stdout).toBe(0);
  for (const [id, [status]] of await readOffers(operator, ids)) {
    const container = await operator.files.containerClient(id);
    const offer = (status as OfferStatus).offer as DownloadOffer;
    const blob = container.getBlobClient(blobNameOf(id, offer));
    expect((await blob.downloadToBuffer()).toString()).toBe("content");
    const { copySource, metadata } = await blob.getProperties();
    expect(copySource).toBeUndefined();
    expect(metadata?.sha256).toBe(offer.sha256);
  }
});

test("a list of terminals selects them, and a revoked one is left out without a failure", async () => {
  const place = { customer: "listed-customer", site: "A" };
  const [one = "", two = ""] = await makeCrowd(operator, "listed", 3, place);
  const revoked = await onFleet("revoke", two, "--reason", "stolen");
  expect(revoked.code, revoked.stdout).toBe(0);
  const list = fileOf("list.csv", `terminal;site\r\n# spare\r\n${one};A\r\n\r\n${two.toUpperCase()};A\r\n`);
  const result = await onFleet("send", fileOf("l.txt", "l"), "--file", list);
  expect(result.code, result.stdout).toBe(0);
  expect(
    jsonLines(result)
      .map(({ type, terminal }) => [type, terminal])
      .sort(),
  ).toEqual([
    ["file", one],
    ["skipped", two],
    ["summary", undefined],
  ]);
  const unknown = await onFleet(
    "send",
    fileOf("l.txt", "l"),
    "--file",
    fileOf("bad.txt", `${one}\nno-such-terminal\n`),
  );
  expect(unknown.code).toBe(1);
  expect(jsonLines(unknown)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "file", terminal: one, new: false }),
      expect.objectContaining({ type: "failed", terminal: "no-such-terminal", code: "NoSuchTerminal" }),
      expect.objectContaining({ type: "summary", offered: 0, unchanged: 1, failed: 1 }),
    ]),
  );
  const wrong = await onFleet("send", fileOf("l.txt", "l"), "--file", fileOf("wrong.txt", "a b\n"));
  expect([wrong.code, wrong.stdout]).toEqual([2, expect.stringContaining("line 1: the terminal")]);
});

test("--stop-after ends the run after the failures, and a later run continues with the rest", async () => {
  await makeCrowd(operator, "stopped", 6, { customer: "stopped-customer", site: "A" });
  await (await operator.files.containerClient("stopped-1")).setAccessPolicy(undefined, []);
  const send = () =>
    onFleet(
      ...["send", fileOf("s.txt", "s"), "--customer", "stopped-customer"],
      ...["--wave", "1", "--stop-after", "1"],
    );
  const stopped = await send();
  expect(stopped.code).toBe(1);
  expect(summaryOf(stopped)).toMatchObject({ terminals: 6, offered: 2, failed: 1, left: 3 });
  expect(jsonLines(stopped).at(-1)).toMatchObject({
    message: expect.stringContaining("stopped (--stop-after): 1 of 6 terminals failed, 3 not tried"),
  });
  await operator.files.ensureContainer("stopped-1");
  const again = await send();
  expect(again.code, again.stdout).toBe(0);
  expect(summaryOf(again)).toMatchObject({ terminals: 6, offered: 4, unchanged: 2, failed: 0, left: 0 });
});

test("a service that is away ends the run after the terminals under way, with exit code 4", async () => {
  await makeCrowd(operator, "away", 40, { customer: "away-customer", site: "A" });
  const list = fileOf("away.txt", "away-0\naway-1\naway-2\n");
  fleet.proxy.faults.add({ host: fleet.hosts.files, path: "/away-*", answer: { status: 403 } });
  const result = await onFleet("send", fileOf("w.txt", "w"), "--file", list, "--wave", "1");
  expect([3, 4]).toContain(result.code);
  expect(summaryOf(result)).toMatchObject({ terminals: 3, failed: 1, left: 2 });
});

test("request asks each terminal of a customer once, and files lists, collects and withdraws for all", async () => {
  const ids = await makeCrowd(operator, "asked", 3, { customer: "asked-customer", site: "A" });
  const request = () => onFleet("request", "terminal.log", "--customer", "asked-customer");
  expect(summaryOf(await request())).toMatchObject({ offered: 3, unchanged: 0 });
  expect(summaryOf(await request())).toMatchObject({ offered: 0, unchanged: 3 });
  const offers = await readOffers(operator, ids);
  for (const all of offers.values()) expect(all).toHaveLength(1);

  const select = ["--customer", "asked-customer"];
  const listed = await onFleet("files", ...select);
  expect(jsonLines(listed)).toMatchObject(
    ids.map((terminal) => ({ type: "file", terminal, name: "terminal.log", state: "waiting" })),
  );

  const content = Buffer.from("log of one");
  const [first = "", second = ""] = ids;
  const [status] = offers.get(first) ?? [];
  await new BlockBlobClient(status?.offer.url as string, blobPipeline(fleet.network)).upload(
    content,
    content.length,
  );
  await report(operator, first, {
    files: {
      [status?.id as string]: {
        ...{ state: "done", sha256: sha256Base64(content), size: content.length },
        at: new Date().toISOString(),
      },
    },
  });
  expect(summaryOf(await request())).toMatchObject({ offered: 0, unchanged: 3 });
  const collected = await onFleet("files", ...select, "--collect", folder.file("logs"));
  expect(collected.code, collected.stdout).toBe(0);
  expect(readFileSync(join(folder.file("logs"), first, "terminal.log"), "utf8")).toBe("log of one");
  expect(existsSync(join(folder.file("logs"), second))).toBe(false);

  const withdrawn = await onFleet("files", ...select, "--withdraw", "terminal.log");
  expect(jsonLines(withdrawn).filter(({ type }) => type === "withdrawn")).toHaveLength(2);
  for (const all of (await readOffers(operator, ids)).values()) expect(all).toEqual([]);
});

test("request --doctor asks only terminals that offer their doctor's report", async () => {
  const [offering = "", other = ""] = await makeCrowd(operator, "doctor", 2, {
    customer: "doctor-customer",
    site: "A",
  });
  await report(operator, offering, { terminal: { version: "1", site: "A", reports: ["doctor"] } });
  const result = await onFleet("request", "--doctor", "--customer", "doctor-customer");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "file", terminal: offering, name: "doctor.json", new: true }),
      expect.objectContaining({ type: "skipped", terminal: other }),
    ]),
  );
  const one = await onFleet("request", "--doctor", other);
  expect([one.code, one.stdout]).toEqual([1, expect.stringContaining("offers no doctor's report")]);
  expect(await operator.offers.list(other)).toEqual([]);
});

test("a site of two customers, and a customer without terminals, are told before anything is sent", async () => {
  await makeCrowd(operator, "left", 1, { customer: "left-customer", site: "Shared hall" });
  await makeCrowd(operator, "right", 1, { customer: "right-customer", site: "Shared hall" });
  const path = fileOf("t.txt", "t");
  const both = await onFleet("send", path, "--site", "Shared hall");
  expect([both.code, both.stdout]).toEqual([2, expect.stringContaining("2 customers have a site")]);
  const none = await onFleet("send", path, "--customer", "no-such-customer");
  expect(none.code).toBe(1);
  for (const all of (await readOffers(operator, ["left-0", "right-0"])).values()) expect(all).toEqual([]);
  const all = await onFleet("send", path, "--site", "Shared hall", "--all-customers");
  expect(summaryOf(all)).toMatchObject({ terminals: 2, offered: 2 });
});
