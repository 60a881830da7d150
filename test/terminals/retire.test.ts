import { afterAll, expect, test } from "vitest";
import { dueForDeletion, retire } from "../../terminals/life/retire.ts";
import { onboardedFleet } from "./onboarding-desk.ts";
import { jsonLines } from "./run-cli.ts";

const dayMs = 86_400_000;

const { operator, desk, close } = await onboardedFleet("old", 4);
afterAll(close);

const command = (...args: string[]) =>
  desk.run(["retire", ...args, "--outputs", desk.outputs, "--json", "--yes"]);

async function isGone(terminal: string): Promise<boolean> {
  const container = await operator.files.container(terminal);
  return (
    (await operator.registry.get(terminal)) === undefined &&
    (await operator.flowKeys.get("example-customer", terminal)) === undefined &&
    !(await container.exists())
  );
}

test("it is shut out and marked, waits, and is deleted by a later run; the record of it stays", async () => {
  const marked = await command("old-0", "--reason", "scrapped");
  expect(marked.code, marked.stdout).toBe(0);
  expect(jsonLines(marked)).toMatchObject([{ type: "retired", terminal: "old-0", state: "marked" }]);
  expect(await operator.registry.get("old-0")).toMatchObject({
    status: "disabled",
    statusReason: "scrapped",
  });
  // Again, before its time, changes nothing.
  const after = jsonLines(marked)[0]?.after;
  expect(jsonLines(await command("old-0"))).toMatchObject([{ state: "marked", after }]);

  const now = Date.now();
  expect(await dueForDeletion(operator, now + 29 * dayMs)).toEqual([]);
  expect(await dueForDeletion(operator, now + 31 * dayMs)).toEqual(["old-0"]);
  expect(await retire("old-0", operator, { days: 30, now: now + 31 * dayMs })).toEqual({ state: "deleted" });
  expect(await isGone("old-0")).toBe(true);
  const shown = await desk.run(["audit", "show", "--terminal", "old-0", "--outputs", desk.outputs, "--json"]);
  expect(shown.stdout).toContain("scrapped");
});

test("--due deletes what has waited, and nothing else", async () => {
  expect((await command("old-1", "--after", "0")).code).toBe(0);
  expect((await command("old-2", "--after", "5")).code).toBe(0);
  const due = await command("--due");
  expect(due.code, due.stdout).toBe(0);
  expect(jsonLines(due)).toMatchObject([{ terminal: "old-1", state: "deleted" }]);
  expect(await isGone("old-1")).toBe(true);
  expect(await operator.registry.get("old-2")).toMatchObject({ status: "disabled" });
  expect(await operator.registry.get("old-3")).toMatchObject({ status: "enabled" });
  expect(jsonLines(await command("--due"))).toMatchObject([{ deleted: 0 }]);
});

test("who is reinstated is not deleted", async () => {
  const args = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient, "--yes"];
  const back = await desk.run(["reinstate", "old-2", ...args]);
  expect(back.code, back.stderr).toBe(0);
  expect(await dueForDeletion(operator, Date.now() + 365 * dayMs)).toEqual([]);
  await expect(retire("old-2", operator, { days: 0 })).rejects.toThrow("old-2 is not revoked");
  await desk.expectOnboarded(operator, "old-2");
});
