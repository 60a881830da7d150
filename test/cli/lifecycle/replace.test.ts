import { afterAll, expect, test } from "vitest";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { waitFor } from "../../support/wait-for.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";
import { startTerminal } from "./key-rotation/rotating-desk.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("place", 5);
afterAll(close);

const sealing = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient];
const replace = (...args: string[]) => desk.runInProcess(["replace", ...args, ...sealing, "--json", "--yes"]);

test("replace onboards the new terminal at the old one's site, and revokes the old one when the new one has connected", async () => {
  const first = await replace("place-0", "place-100", "--wait", "0");
  expect(first.code, first.stdout).toBe(5);
  // Waiting is no error.
  expect(jsonLines(first).map(({ type }) => type)).toEqual(["onboarded", "waiting"]);
  expect(await operator.registry.get("place-0")).toMatchObject({ status: "enabled" });
  const handover = await desk.expectOnboarded(operator, "place-100");
  expect(handover).toMatchObject({ customer: "example-customer", site: "Site 0" });

  const terminal = await startTerminal(handover, folder.file("home"), { network: fleet.network });
  try {
    const again = await replace("place-0", "place-100");
    expect(again.code, again.stdout).toBe(0);
  } finally {
    await terminal.stop();
  }
  // The second run creates no keys.
  expect(await desk.open("place-100")).toEqual(handover);
  expect(await operator.registry.get("place-0")).toMatchObject({
    status: "disabled",
    statusReason: "replaced by place-100",
  });
  expect((await operator.twins.get("place-0"))?.tags).toMatchObject({ replacedBy: "place-100" });
  expect((await operator.twins.get("place-100"))?.tags).toMatchObject({ replaces: "place-0" });

  const another = await replace("place-0", "place-101", "--now");
  expect(another.code).toBe(1);
  expect(jsonLines(another).at(-1)).toMatchObject({ message: "place-0 is replaced by place-100" });
  expect(await operator.registry.get("place-101")).toBeUndefined();
});

test("replace --now revokes the old terminal at once", async () => {
  const result = await replace("place-1", "place-110", "--now");
  expect(result.code, result.stdout).toBe(0);
  expect(await operator.registry.get("place-1")).toMatchObject({ status: "disabled" });
  await desk.expectOnboarded(operator, "place-110");
});

test("replace rejects a new terminal that has another customer's tags, and keeps the old one", async () => {
  await operator.registry.create([
    {
      id: "place-200",
      keys: mintDeviceKeys(),
      tags: { customer: "other-customer", site: "Site 0" },
    },
  ]);
  const result = await replace("place-2", "place-200", "--now");
  expect(result.code).toBe(1);
  expect(jsonLines(result).at(-1)?.message).toMatch(
    /^place-200: its device identity exists with the customer/,
  );
  expect(await operator.registry.get("place-2")).toMatchObject({ status: "enabled" });
});

test("Ctrl-C ends the wait of replace, and the old terminal keeps working", async () => {
  const result = await desk.runInProcess(["replace", "PLACE-3", "Place-300", ...sealing, "--yes"], {
    interruptAt: "Waiting for place-300 to connect to the IoT Hub, at most 60 s. place-3 keeps working until",
  });
  expect(result.code, result.stderr).toBe(130);
  expect(result.stderr).toContain("Error: interrupted; place-3 still works");
  expect(await operator.registry.get("place-3")).toMatchObject({ status: "enabled" });
  const waited = await desk.runInProcess([
    "replace",
    "place-3",
    "place-300",
    ...sealing,
    "--yes",
    "--wait",
    "0",
  ]);
  expect(waited.code).toBe(5);
  expect(waited.stderr).toContain("Waiting: place-300 has not connected to the IoT Hub; place-3 still works");
  expect(waited.stderr).not.toContain("Error");
  const shown = await desk.runInProcess([
    "audit",
    "show",
    "--terminal",
    "place-3",
    "--outputs",
    desk.outputs,
  ]);
  expect(shown.stdout).toMatch(/replace .*place-3, place-300 +interrupted/);
  expect(shown.stdout).toMatch(/replace .*place-3, place-300 +waiting/);
});

test("Ctrl-C in replace --now before the old terminal is revoked keeps it working", async () => {
  const made = waitFor("the identity place-400", () => operator.registry.get("place-400"));
  const stop = fleet.proxy.faults.add({ host: "*.table.core.windows.net", method: "POST", until: made });
  const result = await desk.runInProcess(["replace", "place-4", "place-400", "--now", ...sealing, "--yes"], {
    interruptWhen: made,
  });
  stop();
  expect(result.code, result.stderr).toBe(130);
  await desk.expectOnboarded(operator, "place-4");
  await desk.expectOnboarded(operator, "place-400");
});
