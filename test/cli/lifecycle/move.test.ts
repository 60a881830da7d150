import { generateIdentity, identityToRecipient } from "age-encryption";
import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import type { DeviceTwin } from "../../../cli/azure/iot-hub/twins.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { sealer, unseal } from "../../../cli/credentials/seal.ts";
import { newOfferId } from "../../../cli/file-exchange/offers/offer.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { moveTerminal } from "../../../cli/lifecycle/move.ts";
import { waitFor } from "../../support/wait-for.ts";
import { report } from "../device.ts";
import { KillableRun } from "../killed-fleet.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { type CliResult, jsonLines } from "../run-cli.ts";

const oldCustomer = "example-customer";
const newCustomer = "new-customer";

let all: Awaited<ReturnType<typeof onboardedFleet>>;
let operator: Fleet;

beforeAll(async () => {
  all = await onboardedFleet("moved", 20);
  operator = all.operator;
  await operator.customers.subscriptionKey(newCustomer);
});
afterAll(() => all?.close());

const bundlesOf = (name: string) => all.folder.file(name);
const sealing = () => ["--recipient", all.desk.recipient];
const onFleet = (...args: string[]): Promise<CliResult> => {
  const yes = args[0] === "move" ? ["--yes"] : [];
  return all.desk.runInProcess([...args, ...yes, "--json", "--outputs", all.desk.outputs]);
};
const moved = (result: CliResult) => jsonLines(result).find(({ type }) => type === "moved");

/** Customer and site, as all services have them. */
async function placeOf(terminal: string) {
  const { customer, site, name, move } = (await operator.registry.tags(terminal)) ?? {};
  const rows = await pMap(await operator.flowKeys.customersOf(terminal), async (owner) => {
    const row = await operator.flowKeys.get(owner, terminal);
    return { owner, site: row?.site, status: row?.status };
  });
  return { customer, site, name, move, rows };
}

test("move to another site changes tags, row and a new credential bundle, in one recorded change, once", async () => {
  const out = bundlesOf("site");
  const move = () =>
    onFleet("move", "moved-0", "--site", "Town hall", "--name", "Door", "--out", out, ...sealing());
  const first = await move();
  expect(first.code, first.stdout).toBe(0);
  expect(moved(first)).toMatchObject({
    outcome: "moved",
    delivery: "file",
    customer: oldCustomer,
    site: "Town hall",
  });
  expect(await placeOf("moved-0")).toEqual({
    ...{ customer: oldCustomer, site: "Town hall", name: "Door", move: undefined },
    rows: [{ owner: oldCustomer, site: "Town hall", status: "active" }],
  });
  const bundle = await all.desk.openIn(out, "moved-0");
  expect(bundle).toMatchObject({ terminalId: "moved-0", customer: oldCustomer, site: "Town hall" });
  const row = await operator.flowKeys.get(oldCustomer, "moved-0");
  expect(row?.currentKeySha256).toBe(sha256Base64(bundle.flow.terminalKey));
  // The terminal goes on working with its old Flow key.
  const before = await all.desk.open("moved-0");
  expect(row?.previousKeySha256).toBe(sha256Base64(before.flow.terminalKey));
  expect((await move()).code).toBe(0);
  expect(moved(await move())).toMatchObject({ outcome: "unchanged" });
  const records = jsonLines(await onFleet("audit", "show", "--terminal", "moved-0"));
  expect(JSON.stringify(records)).toContain('"command":"move"');
});

test("move to another site delivers the bundle through the IoT Hub where the terminal accepts it", async () => {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const bundle = await all.desk.open("moved-1");
  const inUse = {
    hub: sha256Base64(bundle.hub.primaryKey),
    flow: sha256Base64(bundle.flow.terminalKey),
    shared: sha256Base64(bundle.flow.sharedKey),
  };
  await report(operator, "moved-1", { keys: { recipient, inUse } });
  const result = await onFleet("move", "moved-1", "--site", "Depot");
  expect(result.code, result.stdout).toBe(0);
  expect(moved(result)).toMatchObject({ outcome: "moved", delivery: "hub" });
  const twin = await operator.twins.get("moved-1");
  const { sealed } = (twin as DeviceTwin).properties.desired.keys as { sealed: string };
  const offered = await unseal(Buffer.from(sealed, "base64"), { identities: [identity] });
  expect(offered).toMatchObject({ customer: oldCustomer, site: "Depot" });
});

test("a move without a way to deliver the bundle, or to an unknown customer, changes nothing", async () => {
  const before = await placeOf("moved-2");
  const noFile = await onFleet("move", "moved-2", "--site", "Depot");
  expect([noFile.code, noFile.stdout]).toEqual([
    1,
    expect.stringContaining("it has never connected, so new keys cannot be sealed for it"),
  ]);
  const out = ["--out", bundlesOf("none"), ...sealing()];
  const unknown = await onFleet(
    "move",
    "moved-2",
    "--site",
    "Depot",
    "--customer",
    "no-such-customer",
    ...out,
  );
  expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringContaining("there is no customer")]);
  const noOut = await onFleet("move", "moved-2", "--site", "Depot", "--customer", newCustomer);
  expect(noOut.code).toBe(2);
  expect(await placeOf("moved-2")).toEqual(before);
});

test("move to another customer revokes the old access, and gives new keys with the new subscription key", async () => {
  const old = await all.desk.open("moved-3");
  const { files } = operator;
  const link = await files.createLink("moved-3", {
    name: `to-terminal/x/y/z.txt`,
    direction: "download",
    days: 1,
  });
  const id = newOfferId(Date.now());
  await operator.offers.add("moved-3", {
    id,
    offer: {
      ...{ direction: "download", name: "z.txt", url: link.url, size: 1, sha256: sha256Base64("z") },
      validUntil: link.expiresOn.toISOString(),
    },
  });
  const out = bundlesOf("customer");
  const args = ["--customer", newCustomer, "--site", "New site", "--out", out, ...sealing()];
  const result = await onFleet("move", "moved-3", ...args);
  expect(result.code, result.stdout).toBe(0);
  expect(moved(result)).toMatchObject({
    outcome: "moved",
    customer: newCustomer,
    from: { customer: oldCustomer },
  });
  expect(await placeOf("moved-3")).toMatchObject({
    ...{ customer: newCustomer, site: "New site", move: undefined },
    rows: [{ owner: newCustomer, site: "New site", status: "active" }],
  });
  const bundle = await all.desk.openIn(out, "moved-3");
  expect(bundle).toMatchObject({ customer: newCustomer, site: "New site" });
  expect(bundle.flow.sharedKey).toBe(await operator.customers.subscriptionKey(newCustomer));
  expect(bundle.flow.sharedKey).not.toBe(old.flow.sharedKey);
  expect(Date.parse(bundle.createdAt)).toBeGreaterThan(Date.parse(old.createdAt));
  const identity = await operator.registry.get("moved-3");
  expect(identity?.status).toBe("enabled");
  expect(Object.values(identity?.authentication.symmetricKey ?? {})).not.toContain(old.hub.primaryKey);
  expect(await files.acceptsLink(link.url)).toBe(false);
  expect(await operator.offers.list("moved-3")).toEqual([]);
  expect(moved(await onFleet("move", "moved-3", ...args))).toMatchObject({ outcome: "unchanged" });
});

const changing =
  /\.(patch|update|put|delete|disable|add|addRevoked|revoke|remove|removePolicy|ensureContainer|stage|publish)$/;

describe.each([
  { kind: "site", customer: oldCustomer, first: 4 },
  { kind: "customer", customer: newCustomer, first: 10 },
])("a move to another $kind that is killed between any two changes", ({ kind, customer, first }) => {
  const place = { customer, site: "After" };
  const move = async (terminal: string, run: KillableRun) => {
    const folder = new BundleFolder(bundlesOf(`killed-${terminal}`));
    await folder.prepare();
    const seal = sealer({ recipients: [all.desk.recipient] });
    const bundles = { folder: run.wrap(folder, "folder"), seal };
    return moveTerminal(terminal, place, { fleet: run.fleet(operator), bundles, graceMs: 0, waitMs: 60_000 });
  };

  test("continues when it is run again, and ends as if it had not been killed", async () => {
    const whole = new KillableRun(undefined, (name) => changing.test(name));
    await move(`moved-${first}`, whole);
    const points = whole.calls.length;
    expect(points).toBeGreaterThan(kind === "site" ? 4 : 8);
    // Each terminal moves there and back, killed at every change on the way.
    const calls = Array.from({ length: points }, (_, index) => index + 1);
    const terminal = `moved-${first + 1}`;
    const original = await placeOf(terminal);
    for (const call of calls) {
      const killed = new KillableRun({ call, moment: "after" }, (name) => changing.test(name));
      // Revoking reports what a killed call throws as the result of its access path.
      await expect(move(terminal, killed), `${call}`).rejects.toThrow(/\w/);
      const again = await move(terminal, new KillableRun());
      expect(again.outcome, `killed after ${killed.calls.at(-1)}`).toMatch(/moved|unchanged/);
      expect(await placeOf(terminal), `killed after ${killed.calls.at(-1)}`).toEqual({
        ...{ customer, site: "After", name: undefined, move: undefined },
        rows: [{ owner: customer, site: "After", status: "active" }],
      });
      const bundle = await all.desk.openIn(bundlesOf(`killed-${terminal}`), terminal);
      expect(bundle).toMatchObject({ customer, site: "After" });
      expect((await operator.flowKeys.get(customer, terminal))?.currentKeySha256).toBe(
        sha256Base64(bundle.flow.terminalKey),
      );
      await goBack(terminal, original as { customer: string; site: string });
    }
  });

  async function goBack(terminal: string, { customer: owner, site }: { customer: string; site: string }) {
    const folder = new BundleFolder(bundlesOf(`back-${terminal}`));
    await folder.prepare();
    const bundles = { folder, seal: sealer({ recipients: [all.desk.recipient] }) };
    await moveTerminal(
      terminal,
      { customer: owner, site },
      { fleet: operator, bundles, graceMs: 0, waitMs: 60_000 },
    );
  }
});

test("labels and a note are written, shown, selected by and removed", async () => {
  const label = (...args: string[]) => onFleet("label", "moved-19", ...args);
  const written = await label("floor=2", "spare=yes", "--note", "key at the desk");
  expect(jsonLines(written)).toMatchObject([
    { type: "labels", terminal: "moved-19", labels: { floor: "2", spare: "yes" }, note: "key at the desk" },
  ]);
  const shown = await waitFor("the label in the query index", async () => {
    const lines = jsonLines(await onFleet("list", "--label", "spare"));
    return lines.length > 0 ? lines : undefined;
  });
  const labels = { floor: "2", spare: "yes" };
  expect(shown).toMatchObject([{ type: "terminal", terminal: "moved-19", labels, note: "key at the desk" }]);
  expect(jsonLines(await onFleet("show", "moved-19"))).toMatchObject([{ labels, note: "key at the desk" }]);
  expect(jsonLines(await label("--remove", "spare", "--note", ""))).toEqual([
    { type: "labels", terminal: "moved-19", labels: { floor: "2" } },
  ]);
  expect(jsonLines(await label())).toEqual([
    { type: "labels", terminal: "moved-19", labels: { floor: "2" } },
  ]);
  const wrong = await label("Floor.1=2");
  expect([wrong.code, wrong.stdout]).toEqual([2, expect.stringContaining("the name of the label")]);
  const selected = await onFleet("files", "--label", "floor=2", "--customer", oldCustomer);
  expect(selected.code, selected.stdout).toBe(0);
  const none = await onFleet("files", "--label", "floor=3", "--customer", oldCustomer);
  expect([none.code, none.stdout]).toEqual([
    1,
    expect.stringContaining("no selected terminal has such a label"),
  ]);
});
