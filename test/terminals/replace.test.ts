import { afterAll, expect, test } from "vitest";
import { mintDeviceKeys } from "../../terminals/onboarding/identities.ts";
import { onboardedFleet } from "./onboarding-desk.ts";
import { startTerminal } from "./rotating-desk.ts";
import { jsonLines } from "./run-cli.ts";

const { operator, folder, desk, close } = await onboardedFleet("place", 3);
afterAll(close);

const replace = (...args: string[]) => {
  const sealing = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient];
  return desk.run(["replace", ...args, ...sealing, "--json", "--yes"]);
};

test("the new one has the place; the old one works until the new one was seen", async () => {
  const first = await replace("place-0", "place-100", "--wait", "0");
  expect(first.code, first.stdout).toBe(5);
  expect(await operator.registry.get("place-0")).toMatchObject({ status: "enabled" });
  const handover = await desk.expectOnboarded(operator, "place-100");
  expect(handover).toMatchObject({ customer: "example-customer", site: "Site 0" });

  const terminal = await startTerminal(handover, folder.file("home"));
  try {
    const again = await replace("place-0", "place-100");
    expect(again.code, again.stdout).toBe(0);
  } finally {
    await terminal.stop();
  }
  // No second set of keys.
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

test("--now does not wait", async () => {
  const result = await replace("place-1", "place-110", "--now");
  expect(result.code, result.stdout).toBe(0);
  expect(await operator.registry.get("place-1")).toMatchObject({ status: "disabled" });
  await desk.expectOnboarded(operator, "place-110");
});

test("a terminal that is another customer's cannot take the place", async () => {
  await operator.registry.create([
    {
      id: "place-200",
      keys: mintDeviceKeys(),
      tags: { customer: "other-customer", site: "Site 0" },
    },
  ]);
  const result = await replace("place-2", "place-200", "--now");
  expect(result.code).toBe(1);
  expect(await operator.registry.get("place-2")).toMatchObject({ status: "enabled" });
});
