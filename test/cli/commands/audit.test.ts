import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";
import { auditRole, type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { batchOf, Desk } from "../onboarding/onboarding-desk.ts";
import { type CliOptions, type CliResult, jsonLines } from "../run-cli.ts";

let fleet: DeployedFleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let desk: Desk;
let number = 0;
let auditUrl: string;

beforeAll(async () => {
  fleet = await deployFleet();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
beforeEach(async () => {
  fleet.proxy.faults.clear();
  folder = await temporaryFolder();
  // Each test has a log and terminals of its own.
  number++;
  auditUrl = fleet.auditContainer(`audit-of-${number}`);
  desk = await Desk.at(fleet, folder.path, batchOf(`a${number}`, 3, `customer-${number}`), {
    ...fleet.outputs,
    auditContainerUrl: auditUrl,
  });
  return () => folder[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<CliResult> =>
  desk.runInProcess([...args, "--outputs", desk.outputs]);

interface Shown {
  type: string;
  stage: string;
  change: string;
  who: { objectId: string };
  terminals?: string[];
  about?: { command: string; reason?: string; terminals?: string[]; details?: Record<string, unknown> };
  result?: { outcome: string; code?: string; message?: string; details?: Record<string, unknown> };
}

async function records(...args: string[]): Promise<Shown[]> {
  const shown = await run("audit", "show", "--json", ...args);
  expect(shown.code, shown.stdout + shown.stderr).toBe(0);
  return jsonLines(shown) as unknown as Shown[];
}

describe("every command that changes something", () => {
  test("records who, what, why and the outcome, and no secret", async () => {
    const [first, second] = [`a${number}-0`, `a${number}-1`];
    expect((await desk.onboard(["--reason", "new customer"])).code).toBe(0);
    const file = folder.file("employees.csv");
    writeFileSync(file, "1001\n");
    expect((await run("send", first, file, "--reason", "weekly list")).code).toBe(0);
    expect((await run("request", first, "terminal.log", "--json")).code).toBe(0);
    const offers = jsonLines(await run("files", first, "--json")) as { id: string; name: string }[];
    const id = offers.find(({ name }) => name === "terminal.log")?.id as string;
    expect((await run("files", first, "--withdraw", id, "--yes")).code).toBe(0);
    expect((await run("rotate-signing-key", "--reason", "its turn")).code).toBe(1);
    expect((await run("revoke", second, "--reason", "stolen", "--yes")).code).toBe(0);

    const all = await records();
    expect(new Set(all.map(({ who }) => who.objectId))).toEqual(new Set([fleet.operator]));
    const ends = all.filter(({ stage }) => stage === "end");
    const outcomes = ends.map(({ about, result }) => [about?.command, about?.reason, result?.outcome]);
    expect(outcomes).toEqual([
      ["onboard", "new customer", "done"],
      ["send", "weekly list", "done"],
      ["request", undefined, "done"],
      ["withdraw", undefined, "done"],
      ["rotate-signing-key", "its turn", "failed"],
      ["revoke", "stolen", "done"],
    ]);
    expect(ends[1]?.about).toMatchObject({
      terminals: [first],
      details: { file: "employees.csv", days: 30 },
    });
    expect(ends[4]?.result).toMatchObject({ code: "TooEarly" });
    for (const { change } of ends) {
      expect(all.find((record) => record.change === change)?.stage).toBe("begin");
    }

    const container = auditContainer();
    let text = "";
    for await (const { name } of container.listBlobsFlat()) {
      text += (await container.getBlobClient(name).downloadToBuffer()).toString();
    }
    const handover = await desk.open(first);
    const secrets = [handover.hub.primaryKey, handover.flow.sharedKey, handover.flow.terminalKey];
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/sig=|AccountKey|eyJ/);
  });

  test("records the terminals that onboard changes, and none when it changes nothing", async () => {
    const terminals = [0, 1, 2].map((n) => `a${number}-${n}`);
    expect((await desk.onboard()).code).toBe(0);
    const first = await records();
    expect(first.map(({ stage }) => stage)).toEqual(["begin", "before", "after", "end"]);
    expect(first[1]?.terminals).toEqual(terminals);
    expect(first[2]?.terminals).toEqual(terminals);
    expect((await desk.onboard()).code).toBe(0);
    const again = (await records()).slice(first.length);
    expect(again.map(({ stage }) => stage)).toEqual(["begin", "end"]);
  });

  test("changes nothing if it cannot be recorded, except revoke, whose record a later run adds", async () => {
    expect((await desk.onboard()).code).toBe(0);
    const terminal = `a${number}-0`;
    const before = await records();
    const giveBack = fleet.withdraw(auditRole);
    const file = folder.file("employees.csv");
    writeFileSync(file, "1001\n");
    const sent = await run("send", terminal, file);
    const revoked = await run("revoke", terminal, "--reason", "stolen", "--yes", "--json");
    giveBack();
    expect(sent.code).toBe(3);
    expect(sent.stderr).toContain("nothing was changed, because the change cannot be recorded");
    expect(sent.stderr).toContain("blobs/add/action");
    expect(jsonLines(await run("files", terminal, "--json"))).toEqual([]);
    expect(revoked.code, revoked.stdout).toBe(0);
    const warnings = jsonLines(revoked).filter(({ type }) => type === "warning");
    expect(warnings[0]?.message).toContain("the next changing command adds it to the log");
    // The next run of any changing command adds what is missing.
    expect((await run("request", `a${number}-1`, "terminal.log")).code).toBe(0);
    const added = (await records()).slice(before.length);
    expect(added.map(({ stage, about }) => [stage, about?.command])).toEqual([
      ["begin", "revoke"],
      ["end", "revoke"],
      ["begin", "request"],
      ["end", "request"],
    ]);
  });

  test("revoke completes while the audit log's account does not answer, and a kill does not lose its record", async () => {
    expect((await desk.onboard()).code).toBe(0);
    const before = await records();
    const xdgDataHome = folder.file("data");
    const clear = fleet.proxy.faults.add({ host: fleet.hosts.audit, delayMs: 3_600_000 });
    const revoke = (n: number, options: CliOptions = {}) => {
      const args = ["revoke", `a${number}-${n}`, "--reason", "stolen", "--yes", "--outputs", desk.outputs];
      return desk.run(args, { env: { ...fleet.env, XDG_DATA_HOME: xdgDataHome }, ...options });
    };
    const pendingRecords = () =>
      existsSync(xdgDataHome) ? readdirSync(xdgDataHome, { recursive: true }) : [];
    const killed = await revoke(0, {
      killWhen: waitFor("a pending record", () => pendingRecords().some((name) => /jsonl$/.test(`${name}`))),
    });
    expect(killed.code).not.toBe(0);
    const revoked = await revoke(1);
    expect(revoked.code, revoked.stderr).toBe(0);
    expect(revoked.stdout).toContain("all three access paths are closed");
    expect(revoked.stderr).toContain("the next changing command adds it to the log");
    clear();
    expect((await revoke(0)).code).toBe(0);
    const added = (await records()).slice(before.length);
    expect(added.map(({ stage, about }) => [stage, about?.terminals?.[0]])).toEqual([
      ["begin", `a${number}-0`],
      ["begin", `a${number}-1`],
      ["end", `a${number}-1`],
      ["begin", `a${number}-0`],
      ["end", `a${number}-0`],
    ]);
  });

  test("shows a killed onboarding as a change without outcome, with the terminals in progress", async () => {
    const kill = Promise.withResolvers<void>();
    fleet.proxy.faults.add({ host: "*.table.core.windows.net", method: "POST", until: kill.promise });
    const { files } = await fleet.connect();
    const killed = await desk.onboard([], {
      killWhen: waitFor("the last terminal's container", () => files.hasContainer(`a${number}-2`)),
    });
    kill.resolve();
    fleet.proxy.faults.clear();
    expect(killed.code).not.toBe(0);
    const shown = await run("audit", "show");
    expect(shown.stdout).toMatch(/onboard .*customer-\d+ +3 terminals .*no outcome/);
    expect(shown.stdout).toContain(`no outcome for: a${number}-0, a${number}-1, a${number}-2`);
    expect((await desk.onboard()).code).toBe(0);
    expect((await run("audit", "verify")).code).toBe(0);
  });
});

function auditContainer(): ContainerClient {
  return new ContainerClient(auditUrl, blobPipeline(fleet.network, { credential: fleet.credential() }));
}

describe("audit", () => {
  test("show filters by terminal, customer and day, for people and as JSON", async () => {
    expect((await desk.onboard()).code).toBe(0);
    const terminal = `a${number}-1`;
    expect((await run("request", terminal, "terminal.log", "--reason", "it does not count")).code).toBe(0);
    expect((await run("request", `a${number}-2`, "terminal.log")).code).toBe(0);
    const shown = await run("audit", "show", "--terminal", terminal);
    expect(shown.stdout.split("\n").filter((line) => line !== "")).toHaveLength(2);
    expect(shown.stdout).toMatch(
      /request +customer-\d+ +a\d+-1 .*done .*file terminal\.log .*"it does not count"/,
    );
    expect((await records("--terminal", terminal)).map(({ stage }) => stage)).toEqual([
      ...["begin", "before", "after", "end"],
      ...["begin", "end"],
    ]);
    expect((await records("--customer", `customer-${number}`)).map(({ stage }) => stage)).toEqual([
      ...["begin", "before", "after", "end"],
      ...["begin", "end"],
      ...["begin", "end"],
    ]);
    const unknown = await run("audit", "show", "--customer", "another-one", "--json");
    expect([unknown.code, jsonLines(unknown)]).toMatchObject([1, [{ code: "NoSuchCustomer" }]]);
    const tomorrow = new Date(fleet.azure.clock.now() + 86_400_000).toISOString().slice(0, 10);
    expect(await records("--since", tomorrow)).toEqual([]);
    expect(await records("--since", new Date(0).toISOString())).toHaveLength(8);
  });

  test("verify prints the head, finds it again, and fails at the first broken link", async () => {
    expect((await desk.onboard()).code).toBe(0);
    const verified = await run("audit", "verify", "--json");
    expect(verified.code).toBe(0);
    const [found] = jsonLines(verified) as { whole: boolean; records: number; last: { hash: string } }[];
    expect(found).toMatchObject({ whole: true, records: 5 });
    expect((await run("audit", "verify", "--head", found?.last.hash as string)).code).toBe(0);
    const missing = await run("audit", "verify", "--head", "0".repeat(64));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("is not in the audit log")]);

    const container = auditContainer();
    for await (const { name } of container.listBlobsFlat()) {
      await container.getAppendBlobClient(name).appendBlock('{"sequence":6}\n', 15);
    }
    const broken = await run("audit", "verify");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(
      /the hash chain of the audit log is broken: line 6 of \d{4}-\d{2}\.001\.jsonl is not a valid record/,
    );
    const shown = await run("audit", "show", "--json");
    expect(shown.code).toBe(1);
    expect(jsonLines(shown).at(-1)).toMatchObject({ type: "error", code: "AuditChainBroken" });
  });

  test.each([
    ["an invalid day", ["show", "--since", "yesterday"]],
    ["an invalid terminal ID", ["show", "--terminal", "A_B"]],
    ["an invalid head", ["verify", "--head", "abc"]],
    ["a missing subcommand", []],
  ])("%s is a usage error", async (_what, args) => {
    expect((await run("audit", ...args)).code).toBe(2);
  });
});
