import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BlobClient } from "@azure/storage-blob";
import { afterAll, afterEach, expect, test } from "vitest";
import { sendFile } from "../../terminals/files/exchange.ts";
import { blobPipeline } from "../../terminals/files/files.ts";
import { HandoverFolder } from "../../terminals/handover/handover-folder.ts";
import { revoke } from "../../terminals/life/revoke.ts";
import { onboardedFleet } from "./onboarding-desk.ts";
import { jsonLines } from "./run-cli.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("back", 4);
afterEach(() => fleet.front.faults.clear());
afterAll(close);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

const reinstate = (terminal: string, options = {}) =>
  desk.run(
    [
      "reinstate",
      terminal,
      "--outputs",
      desk.outputs,
      "--out",
      desk.out,
      "--recipient",
      desk.recipient,
      "--json",
      "--yes",
    ],
    options,
  );

test("a revoked terminal is let in with fresh keys, and nothing that it had before opens anything", async () => {
  const before = await desk.open("back-0");
  const file = folder.file("employees.csv");
  writeFileSync(file, "1001;Example");
  const { offer } = await sendFile(operator, "back-0", file, {});
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
  // The old link is well signed again, but what it opened is gone.
  expect(await operator.files.takesLink(offer.url)).toBe(true);
  expect(await new BlobClient(offer.url, blobPipeline()).exists()).toBe(false);
  expect(await operator.offers.list("back-0")).toEqual([]);
});

test("a terminal that is not revoked stays as it is", async () => {
  const before = await desk.open("back-1");
  const result = await reinstate("back-1");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toMatchObject([{ reinstated: false }]);
  expect(await desk.expectOnboarded(operator, "back-1")).toEqual(before);
});

/** Kills come long before this is over. */
const delayMs = 3_600_000;

test("killed before its Flow row, and before its stored access policy: it is still shut out, and again lets it in", async () => {
  await revoke("back-2", operator, { reason: "lost" });
  const digest = () => new HandoverFolder(desk.out).digest("back-2");
  const first = await digest();
  fleet.front.faults.add({ host: "*.table.core.windows.net", method: "PUT", delayMs });
  await reinstate("back-2", { killWhen: until(async () => (await digest()) !== first) });
  expect((await operator.registry.get("back-2"))?.status).toBe("disabled");
  fleet.front.faults.clear();

  fleet.front.faults.add({ host: "examplefiles.blob.core.windows.net", method: "PUT", delayMs });
  const isActive = async () =>
    (await operator.flowKeys.get("example-customer", "back-2"))?.status === "active";
  await reinstate("back-2", { killWhen: until(isActive) });
  expect((await operator.registry.get("back-2"))?.status).toBe("disabled");
  fleet.front.faults.clear();

  const again = await reinstate("back-2");
  expect(again.code, again.stdout).toBe(0);
  await desk.expectOnboarded(operator, "back-2");
});

test("a name that the hub does not know is told", async () => {
  const result = await reinstate("back-99");
  expect(result.code).toBe(1);
  expect(jsonLines(result).at(-1)).toMatchObject({ message: "the hub has no terminal back-99" });
});
