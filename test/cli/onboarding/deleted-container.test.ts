import { afterAll, expect, test } from "vitest";
import { FilesAccount } from "../../../cli/file-exchange/files-account.ts";
import type { Clock } from "../../../cli/lib/clock.ts";
import { retire } from "../../../cli/lifecycle/retire.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { batchOf, Desk, onboardedFleet } from "./onboarding-desk.ts";

const deletionMs = 3_000;
const { fleet, operator, close } = await onboardedFleet("gone", 2, { containerDeletionMs: deletionMs });
afterAll(close);

// REST reference of Azure Storage, "Delete Container": the name is not available for at least 30 seconds.
test("a container with the name of one that was deleted a moment ago is refused", async () => {
  const container = await operator.files.containerClient("other");
  await container.create();
  await container.delete();
  await expect(container.create()).rejects.toMatchObject({ statusCode: 409, code: "ContainerBeingDeleted" });
  fleet.clock.move(deletionMs);
  await container.create();
});

test("onboarding a terminal that was retired a moment ago waits for its container's name, and says so once", async () => {
  for (const terminal of ["gone-0", "gone-1"]) {
    await revoke(terminal, operator, { reason: "scrapped" });
    expect(await retire(terminal, operator, { days: 0, now: Date.now() + 1000 })).toMatchObject({
      state: "marked",
    });
    expect(await retire(terminal, operator, { days: 0, now: Date.now() + 5000 })).toEqual({
      state: "deleted",
    });
  }
  await using folder = await temporaryFolder();
  const again = await Desk.at(fleet, folder.path, batchOf("gone", 2));
  const { code, stderr } = await again.onboard();
  expect(code, stderr).toBe(0);
  expect(stderr.match(/was deleted a moment ago\. Azure Storage releases its name/g)).toHaveLength(1);
  await again.expectOnboarded(operator, "gone-0");
});

test("a container's name that stays taken for two minutes ends the wait with a remedy", async () => {
  const waits: number[] = [];
  // The sandbox's clock stands still, so the name never becomes free.
  using _ = fleet.clock.freeze();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const { keys } = operator.files;
  const files = new FilesAccount(keys, operator.outputs.filesBlobEndpoint, fleet.network, clock);
  await (await operator.files.containerClient("gone-1")).delete();
  await expect(files.ensureContainer("gone-1")).rejects.toMatchObject({
    code: "ContainerBeingDeleted",
    remedy: expect.stringContaining("Run this again in a few minutes"),
  });
  expect(waits).toEqual(Array.from({ length: 24 }, () => 5_000));
});
