import { writeFileSync } from "node:fs";
import { afterAll, afterEach, expect, test } from "vitest";
import { mintFlowKey } from "../../../cli/azure/flow-api/flow-keys.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { sendFile } from "../../../cli/file-exchange/exchange.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { closeAccessPaths } from "../../../cli/lifecycle/open-access-paths.ts";
import { setIdentityState } from "../../../cli/lifecycle/owned-identity.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { waitFor } from "../../support/wait-for.ts";
import { flowKeysRole } from "../fleet-harness.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("back", 4);
afterEach(() => fleet.proxy.faults.clear());
afterAll(close);

const stack = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient];
const command = (terminal: string) => ["reinstate", terminal, ...stack, "--json", "--yes"];
const reinstate = (terminal: string) => desk.runInProcess(command(terminal));

test("reinstate gives a revoked terminal new keys, and its old keys and file links stay invalid", async () => {
  const before = await desk.open("back-0");
  const file = folder.file("employees.csv");
  writeFileSync(file, "1001;Example");
  const { offer } = await sendFile(operator, "back-0", file, {});
  const delivery = await operator.files.createLink("back-0", {
    name: "from-terminal/x/log",
    direction: "upload",
  });
  await revoke("back-0", operator, { reason: "lost" });

  const result = await reinstate("back-0");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toMatchObject([{ type: "reinstated", terminal: "back-0", deletedFiles: 1 }]);
  const after = await desk.expectOnboarded(operator, "back-0");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
  expect(after.flow.terminalKey).not.toBe(before.flow.terminalKey);
  const { primaryKey, secondaryKey } = (await operator.registry.get("back-0"))?.authentication
    .symmetricKey ?? { primaryKey: "", secondaryKey: "" };
  expect([primaryKey, secondaryKey]).not.toContain(before.hub.primaryKey);
  expect(await operator.offers.list("back-0")).toEqual([]);
  // Its old file links stay invalid, also when the same file is offered again.
  expect(await operator.files.acceptsLink(offer.url)).toBe(false);
  const again = await sendFile(operator, "back-0", file, {});
  expect(await operator.files.acceptsLink(again.offer.url)).toBe(true);
  expect(await operator.files.acceptsLink(offer.url)).toBe(false);
  expect(await operator.files.acceptsLink(delivery.url)).toBe(false);
});

test("reinstate does not change a terminal that is not revoked", async () => {
  const before = await desk.open("back-1");
  const result = await reinstate("back-1");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toMatchObject([{ outcome: "unchanged" }]);
  expect(await desk.expectOnboarded(operator, "back-1")).toEqual(before);
});

test("reinstate adds a missing stored access policy to a terminal that is not revoked, and keeps its keys", async () => {
  const before = await desk.open("back-3");
  await operator.files.removePolicy("back-3");
  const giveBack = fleet.withdraw(flowKeysRole);
  const result = await reinstate("back-3");
  giveBack();
  expect(jsonLines(result), result.stderr).toMatchObject([{ outcome: "repaired" }]);
  expect(await desk.expectOnboarded(operator, "back-3")).toEqual(before);
});

test("reinstate changes nothing when a permission is missing", async () => {
  await operator.flowKeys.revoke("example-customer", "back-3");
  const before = await operator.registry.get("back-3");
  const giveBack = fleet.withdraw(flowKeysRole);
  expect((await reinstate("back-3")).code).toBe(3);
  giveBack();
  expect(await operator.registry.get("back-3")).toEqual(before);
});

/** Longer than the test: the run is killed before. */
const delayMs = 3_600_000;

test.each([
  ["its Flow key row is written", { host: "*.table.core.windows.net", method: "PUT" }],
  ["its stored access policy is set", { host: "stfiles*", path: "*comp=acl*", method: "PUT" }],
  ["its Flow key row becomes active", { host: "*.table.core.windows.net", method: "PATCH" }],
])(
  "reinstate killed before %s leaves the terminal revoked, and a second run reinstates it",
  async (_what, target) => {
    await revoke("back-2", operator, { reason: "lost" });
    let reached = 0;
    const stop = fleet.proxy.faults.add({ ...target, delayMs });
    const pick = fleet.proxy.faults.pick.bind(fleet.proxy.faults);
    fleet.proxy.faults.pick = (...asked) => {
      const found = pick(...asked);
      if (found) reached++;
      return found;
    };
    await desk.run(command("back-2"), {
      killWhen: waitFor("the delayed request", () => reached > 0, { withinMs: 60_000 }),
    });
    fleet.proxy.faults.pick = pick;
    stop();
    expect((await operator.registry.get("back-2"))?.status).toBe("disabled");
    expect((await operator.flowKeys.get("example-customer", "back-2"))?.status).toBe("revoked");
    const again = await reinstate("back-2");
    expect(again.code, again.stdout).toBe(0);
    await desk.expectOnboarded(operator, "back-2");
  },
);

test("reinstate of an unknown terminal fails with NoSuchTerminal", async () => {
  const result = await reinstate("back-99");
  expect(result.code).toBe(1);
  expect(jsonLines(result).at(-1)).toMatchObject({ code: "NoSuchTerminal" });
});

test.each([
  ["hub", { host: fleet.hosts.hub, method: "GET", path: "/devices/*" }],
  ["flow", { host: fleet.hosts.flowKeys }],
  ["files", { host: fleet.hosts.files }],
] as const)(
  "a reinstatement that fails closes what it opened, although the service of %s is failing",
  async (broken, target) => {
    const terminal = "back-2";
    await revoke(terminal, operator, { reason: "lost" });
    const keys = mintDeviceKeys();
    const currentKeySha256 = sha256Base64(mintFlowKey());
    const row = await operator.flowKeys.get("example-customer", terminal);
    if (!row) throw new Error("The terminal has no row.");
    // Everything is open, as when the last check of a reinstatement fails.
    await setIdentityState(terminal, operator, keys, { status: "disabled", statusReason: "test" });
    await setIdentityState(terminal, operator, keys, { status: "enabled", statusReason: null });
    await operator.flowKeys.put("example-customer", terminal, { ...row, currentKeySha256, status: "active" });
    await operator.files.ensureContainer(terminal);

    const stop = fleet.proxy.faults.add({ ...target, answer: { status: 403 } });
    const closing = closeAccessPaths(
      { terminal, customer: "example-customer", keys, currentKeySha256 },
      operator,
      new Error("the last check failed"),
    );
    await expect(closing).rejects.toThrow(`the last check failed; closing ${broken} again failed too`);
    stop();
    const states = {
      hub: (await operator.registry.get(terminal))?.status === "disabled",
      flow: (await operator.flowKeys.get("example-customer", terminal))?.status === "revoked",
      files: !(await operator.files.hasPolicy(terminal)),
    };
    expect(states).toEqual({ hub: true, flow: true, files: true, [broken]: false });
  },
);
