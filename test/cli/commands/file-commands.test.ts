import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendFile } from "../../../cli/file-exchange/exchange.ts";
import { newOfferId } from "../../../cli/file-exchange/offers/offer.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { createEndpointList } from "../../../cli/network/create-list.ts";
import { waitFor } from "../../support/wait-for.ts";
import { batchOf, type DeskFleet, fleetWithDesk } from "../onboarding/onboarding-desk.ts";
import { type CliOptions, type CliResult, jsonLines } from "../run-cli.ts";

let setup: DeskFleet;
let fleet: DeskFleet["fleet"];
let operator: DeskFleet["operator"];
let folder: DeskFleet["folder"];
let desk: DeskFleet["desk"];
/** Everything that commands have written. */
const written: string[] = [];

beforeAll(async () => {
  setup = await fleetWithDesk(batchOf("cli", 4));
  ({ fleet, operator, folder, desk } = setup);
  const { code, stderr } = await desk.onboard();
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => setup?.close());

const home = (terminal: string) => join(folder.file("homes"), terminal);

/** Runs a command in a process whose libraries log all they can. The last test searches what it writes for secrets. */
async function runVerbose(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const env = { ...fleet.env, AZURE_LOG_LEVEL: "verbose", DEBUG: "*" };
  const result = await desk.run([...args, "--json"], { env, ...options });
  written.push(result.stdout, result.stderr);
  return result;
}

/** Runs a command on the fleet in a process of its own, see `runVerbose`. */
const onFleetVerbose = (...args: string[]) => runVerbose([...args, "--outputs", desk.outputs]);

/** Runs a command on the fleet in this process. */
async function onFleet(...args: string[]): Promise<CliResult> {
  const result = await desk.runInProcess([...args, "--json", "--outputs", desk.outputs]);
  written.push(result.stdout, result.stderr);
  return result;
}

/** Arguments that simulate the terminals of credential bundles, or of folders of them. */
const simulation = (...bundles: string[]) => [
  ...["simulate", ...bundles, "--identity", desk.writeIdentity()],
  ...["--folder", folder.file("homes"), "--for", "300"],
];

const bundleOf = (terminal: string) => join(desk.out, `${terminal}.age`);

const noOfferWaits = (terminal: string) =>
  waitFor(`${terminal} to handle its offers`, async () => {
    const offers = await operator.offers.list(terminal);
    return offers.every(({ state }) => state !== "waiting");
  });

function fileOf(name: string, content: Buffer | string): string {
  const path = folder.file(name);
  writeFileSync(path, content);
  return path;
}

test("send, request, simulate and files --collect transfer files in both directions", async () => {
  const content = randomBytes(2_000_000);
  const sent = await onFleetVerbose("send", "cli-0", fileOf("one.bin", content), fileOf("two.txt", "two"));
  expect(sent.code).toBe(0);
  const offers = jsonLines(sent);
  expect(offers).toMatchObject([
    { type: "file", terminal: "cli-0", name: "one.bin", size: 2_000_000, new: true },
    { type: "file", name: "two.txt", size: 3, new: true },
  ]);
  expect((await onFleetVerbose("request", "cli-0", "terminal.log")).code).toBe(0);
  expect(jsonLines(await onFleetVerbose("files", "cli-0"))).toMatchObject([
    { direction: "download", name: "one.bin", state: "waiting" },
    { direction: "download", name: "two.txt", state: "waiting" },
    { direction: "upload", name: "terminal.log", state: "waiting" },
  ]);

  // Everything that this terminal was told: its credential bundle, and its twin with offers in both directions.
  const told = JSON.stringify([await desk.open("cli-0"), await operator.twins.get("cli-0")]);
  const hosts = new Set(told.match(/\b[\w-]+(\.[\w-]+)*\.(net|com|io|org)\b/g));
  const list = createEndpointList({ ...fleet.outputs, now: 0 });
  const { hub, files } = fleet.hosts;
  expect([...hosts].sort()).toEqual([hub, files, new URL(fleet.outputs.flowUrl).host].sort());
  expect(list.destinations.map(({ host }) => host)).toEqual(expect.arrayContaining([...hosts]));

  const tooMany = await desk.runInProcess([...simulation(desk.out), "--count", "9"]);
  expect([tooMany.code, tooMany.stderr]).toEqual([2, expect.stringContaining("4 credential bundles")]);
  const ended = await runVerbose([...simulation(desk.out), "--count", "2"], {
    interruptWhen: noOfferWaits("cli-0"),
  });
  expect(ended.code).toBe(0);
  expect(jsonLines(ended).at(-1)).toMatchObject({
    type: "simulated",
    terminals: 2,
    received: 2,
    delivered: 1,
    failed: 0,
  });
  const path = join(home("cli-0"), "received", offers[0]?.id as string, "one.bin");
  expect(sha256Base64(readFileSync(path))).toBe(sha256Base64(content));

  expect(jsonLines(await onFleet("files", "cli-0"))).toMatchObject([
    { name: "one.bin", state: "done", sha256: sha256Base64(content) },
    { name: "two.txt", state: "done" },
    { name: "terminal.log", state: "done" },
  ]);
  const [collected] = jsonLines(await onFleetVerbose("files", "cli-0", "--collect", folder.file("logs")));
  expect(collected).toMatchObject({ type: "collected", name: "terminal.log" });
  expect(readFileSync(collected?.path as string, "utf8")).toMatch(/Z connected\n/);
});

test("send with one file that does not exist or has an invalid name sends no file", async () => {
  const good = fileOf("good.txt", "good");
  const bad = fileOf("bad..", "bad");
  const wrong = await onFleet("send", "cli-1", good, folder.file("none.txt"));
  expect(wrong.code).toBe(2);
  expect(jsonLines(await onFleet("files", "cli-1"))).toEqual([]);
  const unfit = await onFleet("send", "cli-1", bad);
  expect(unfit.code).toBe(2);
  expect(jsonLines(unfit)).toMatchObject([
    { type: "error", message: expect.stringMatching(/bad\.\..*must not end/) },
  ]);
});

test("files --withdraw withdraws all offers or, if one ID is unknown or it is not confirmed, none", async () => {
  const [offer] = jsonLines(await onFleet("send", "cli-2", fileOf("back.txt", "back")));
  const id = offer?.id as string;
  const wrong = await onFleet("files", "cli-2", "--withdraw", id, "--withdraw", "nope", "--yes");
  expect(wrong.code).toBe(2);
  expect(jsonLines(wrong)).toMatchObject([
    { type: "error", message: "cli-2 has no offer nope; nothing was withdrawn" },
  ]);
  const unasked = await onFleet("files", "cli-2", "--withdraw", id);
  expect(jsonLines(unasked)).toMatchObject([
    { type: "error", message: "cannot ask for confirmation: standard input is not a terminal" },
  ]);
  expect(jsonLines(await onFleet("files", "cli-2"))).toMatchObject([{ id, state: "waiting" }]);
  const done = await onFleetVerbose("files", "cli-2", "--withdraw", id, "--withdraw", id, "--yes");
  expect([done.code, jsonLines(done)]).toMatchObject([0, [{ type: "withdrawn", id, name: "back.txt" }]]);
  expect(jsonLines(await onFleet("files", "cli-2"))).toEqual([]);
});

test.each([
  ["request", () => ["request", "cli-2", "late.log"]],
  ["send", () => ["send", "cli-2", fileOf("late.csv", "late")]],
])("%s reports the expired offer that it removes", async (_command, args) => {
  const link = await operator.files.createLink("cli-2", {
    name: "from-terminal/x/old.log",
    direction: "upload",
  });
  const validUntil = new Date(Date.now() - 1000).toISOString();
  const offer = { direction: "upload" as const, name: "old.log", url: link.url, validUntil };
  const id = newOfferId(Date.now());
  await operator.offers.add("cli-2", { id, offer });
  const asked = await onFleet(...args());
  expect(jsonLines(asked)).toMatchObject([
    { type: "removed", terminal: "cli-2", id, name: "old.log", direction: "upload", state: "expired" },
    { type: "file", new: true },
  ]);
  const left = await operator.offers.list("cli-2");
  await operator.offers.remove(
    "cli-2",
    left.map((one) => one.id),
  );
});

test("files --collect names the folder that it cannot create", async () => {
  const path = join(fileOf("plain.txt", ""), "below");
  const result = await onFleet("files", "cli-0", "--collect", path);
  expect([result.code, jsonLines(result)]).toMatchObject([
    2,
    [{ type: "error", message: `${path} cannot be made: not a directory` }],
  ]);
});

test("a simulated terminal that is killed four times receives each file exactly once", async () => {
  const terminal = "cli-3";
  const ids: string[] = [];
  for (let number = 0; number < 8; number++) {
    const path = fileOf(`part-${number}.bin`, randomBytes(1_500_000));
    ids.push((await sendFile(operator, terminal, path, {})).id);
  }
  const log = join(home(terminal), "outgoing", "terminal.log");
  const connections = () =>
    existsSync(log) ? readFileSync(log, "utf8").split(" connected\n").length - 1 : 0;
  // The application on the terminal removes and counts the files that it receives.
  const receivedFiles = new Map<string, number>();
  const application = setInterval(() => {
    const received = join(home(terminal), "received");
    if (!existsSync(received)) return;
    for (const id of readdirSync(received)) {
      for (const name of readdirSync(join(received, id))) {
        rmSync(join(received, id, name));
        receivedFiles.set(id, (receivedFiles.get(id) ?? 0) + 1);
      }
    }
  }, 5);
  try {
    for (let round = 0; round < 4; round++) {
      const before = connections();
      const connected = waitFor(`${terminal} to connect`, () => connections() > before, { everyMs: 10 });
      await runVerbose(simulation(bundleOf(terminal)), {
        killWhen: connected.then(() => sleep(round * 30)),
      });
    }
    const last = await runVerbose(simulation(bundleOf(terminal)), { interruptWhen: noOfferWaits(terminal) });
    expect(last.code).toBe(0);
    expect((await operator.offers.list(terminal)).map(({ state }) => state)).toEqual(ids.map(() => "done"));
  } finally {
    clearInterval(application);
  }
  expect(connections()).toBeGreaterThan(4);
  expect(Object.fromEntries(receivedFiles)).toEqual(Object.fromEntries(ids.map((id) => [id, 1])));
});

test("a terminal that can check its network makes its doctor's report when request --doctor asks for it", async () => {
  const list = folder.file("endpoints.json");
  expect((await onFleet("endpoints", "--out", list)).code).toBe(0);
  const requested = async () => {
    await waitFor("cli-0 to offer its report", async () => {
      const twin = await operator.twins.get("cli-0");
      return isDeepStrictEqual(Object(twin?.properties.reported.terminal).reports, ["doctor"]);
    });
    const request = await onFleet("request", "cli-0", "--doctor");
    expect(request.code, request.stdout).toBe(0);
    await noOfferWaits("cli-0");
  };
  const before = Date.now();
  const simulated = await desk.runInProcess([...simulation(bundleOf("cli-0")), "--endpoints", list], {
    interruptWhen: requested(),
  });
  expect(simulated.code, simulated.stderr).toBe(0);
  const collected = folder.file("reports");
  expect((await onFleet("files", "cli-0", "--collect", collected)).code).toBe(0);
  const [name = ""] = readdirSync(collected).filter((one) => one.includes("doctor"));
  const report = JSON.parse(readFileSync(join(collected, name), "utf8"));
  expect(report.version).toBe(1);
  expect(Date.parse(report.createdAt)).toBeGreaterThanOrEqual(before);
  const hosts = report.results.map(({ host }: { host: string | null }) => host);
  expect(hosts).toContain(fleet.outputs.hubHostName);
});

describe("rotate-signing-key", () => {
  test("before the rotation is possible fails with the time from which it is", async () => {
    const early = await onFleet("rotate-signing-key");
    expect(early.code).toBe(1);
    expect(jsonLines(early)).toMatchObject([
      {
        type: "error",
        code: "TooEarly",
        message: expect.stringMatching(/until \d+ \w{3} \d{4} \d\d:\d\d \S+$/),
      },
    ]);
  });

  test("--emergency regenerates both keys and lists the offers that it makes invalid", async () => {
    await onFleet("send", "cli-1", fileOf("late.txt", "late"));
    await onFleet("request", "cli-1", "terminal.log");
    await onFleet("request", "cli-2", "terminal.log");
    const refused = await onFleet("rotate-signing-key", "--emergency");
    expect(refused.code).toBe(2);
    const rotated = await onFleetVerbose("rotate-signing-key", "--emergency", "--yes");
    expect(rotated.code).toBe(0);
    const [rotation] = jsonLines(rotated);
    expect(rotation).toMatchObject({ type: "rotation", account: fleet.hosts.files.split(".")[0] });
    expect(rotation?.cutOff).toEqual(
      expect.arrayContaining([
        { terminal: "cli-1", waiting: 2 },
        { terminal: "cli-2", waiting: 1 },
      ]),
    );
    expect(rotation?.renewedKeys).toEqual(expect.arrayContaining(["key1", "key2"]));
    const records = jsonLines(await onFleet("audit", "show"));
    const result = records.findLast(({ result }) => result)?.result;
    expect(result).toMatchObject({
      outcome: "done",
      details: { renewed: expect.stringMatching(/^(key1, key2|key2, key1)$/) },
    });
    expect(jsonLines(await onFleet("files", "cli-2"))).toMatchObject([{ linkInvalid: true }]);
    expect(jsonLines(await onFleet("show", "cli-2"))[0]).toMatchObject({ offers: [{ linkInvalid: true }] });
    for (const command of ["files", "show"]) {
      const { stdout } = await desk.runInProcess([command, "cli-2", "--outputs", desk.outputs]);
      expect(stdout).toContain("its link is invalid, because the account key was renewed: request it again");
    }
    // Sending the same file again creates a new file link.
    expect(jsonLines(await onFleet("send", "cli-1", folder.file("late.txt")))).toMatchObject([{ new: true }]);
    const arrived = async () =>
      (await operator.offers.list("cli-1")).some(
        ({ offer, state }) => offer.name === "late.txt" && state === "done",
      );
    const ended = await desk.runInProcess([...simulation(bundleOf("cli-1")), "--json"], {
      interruptWhen: waitFor("late.txt to arrive", arrived),
    });
    expect(jsonLines(ended).at(-1)).toMatchObject({ received: 1 });
  });
});

test("no command writes a secret, even when all libraries log as much as they can", async () => {
  const text = written.join("\n");
  expect(text.length).toBeGreaterThan(10_000);
  const secrets = (await operator.files.keys.read()).map(({ value }) => value);
  for (const terminal of ["cli-0", "cli-1", "cli-2", "cli-3"]) {
    const { hub, flow } = await desk.open(terminal);
    secrets.push(hub.primaryKey, flow.terminalKey, flow.sharedKey);
    for (const { offer } of await operator.offers.list(terminal)) {
      secrets.push(new URL(offer.url).searchParams.get("sig") as string);
    }
  }
  expect(secrets.length).toBeGreaterThan(14);
  for (const secret of secrets) {
    expect(text.includes(secret)).toBe(false);
    expect(text.includes(encodeURIComponent(secret))).toBe(false);
  }
  expect(text).not.toMatch(/[?&]sig=(?!REDACTED)\S/);
  expect(text).not.toMatch(/SharedAccessSignature sr=/);
});
