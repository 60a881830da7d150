import { afterAll, describe, expect, test } from "vitest";
import { findDueForDeletion, retire } from "../../../cli/lifecycle/retire.ts";
import { formatDay, formatTime } from "../../../cli/terminal-ui/format.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";
import { hasTerminals, runOnTerminal } from "../terminal-ui/run-on-terminal.ts";

const dayMs = 86_400_000;

const { fleet, operator, desk, close } = await onboardedFleet("old", 7);
afterAll(close);

const command = (...args: string[]) =>
  desk.runInProcess(["retire", ...args, "--outputs", desk.outputs, "--json", "--yes"]);

async function isGone(terminal: string): Promise<boolean> {
  const container = await operator.files.containerClient(terminal);
  return (
    (await operator.registry.get(terminal)) === undefined &&
    (await operator.flowKeys.get("example-customer", terminal)) === undefined &&
    !(await container.exists())
  );
}

test("retire revokes and marks a terminal, a run after the waiting period deletes it, and its audit records stay", async () => {
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
  expect(await findDueForDeletion(operator, now + 29 * dayMs)).toEqual(new Map());
  expect(await findDueForDeletion(operator, now + 31 * dayMs)).toEqual(
    new Map([["old-0", "example-customer"]]),
  );
  expect(await retire("old-0", operator, { days: 30, now: now + 31 * dayMs })).toEqual({ state: "deleted" });
  expect(await isGone("old-0")).toBe(true);
  const shown = await desk.runInProcess([
    "audit",
    "show",
    "--terminal",
    "old-0",
    "--outputs",
    desk.outputs,
    "--json",
  ]);
  expect(shown.stdout).toContain("scrapped");
});

test("retire --due deletes the terminals whose waiting period has passed, and no others", async () => {
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

test("a reinstated terminal is no longer due for deletion", async () => {
  const args = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient, "--yes"];
  const back = await desk.runInProcess(["reinstate", "old-2", ...args]);
  expect(back.code, back.stderr).toBe(0);
  expect(await findDueForDeletion(operator, Date.now() + 365 * dayMs)).toEqual(new Map());
  await expect(retire("old-2", operator, { days: 0 })).rejects.toThrow("old-2 is not revoked");
  await desk.expectOnboarded(operator, "old-2");
});

test("retire --after is ignored with a note for a terminal that is already marked", async () => {
  const marked = jsonLines(await command("old-4", "--after", "5"));
  const args = ["retire", "old-4", "--after", "0", "--outputs", desk.outputs];
  const again = await desk.runInProcess([...args, "--yes"]);
  expect(again.code, again.stderr).toBe(0);
  const from = formatTime(marked[0]?.after as string);
  expect(again.stderr).toContain(`--after is ignored: old-4 is already marked for deletion from ${from}`);
  expect(again.stdout).toContain(`old-4 is revoked, and can be deleted from ${from}`);
  // Nothing is going to happen, so that there is nothing to ask.
  expect((await desk.runInProcess(args)).code).toBe(0);
  expect(await operator.registry.get("old-4")).toMatchObject({ status: "disabled" });
  expect((await command("--due", "--after", "5")).code).toBe(2);
});

describe.skipIf(!hasTerminals)("the prompt of retire describes what will happen", () => {
  const asked = async (...args: string[]) => {
    const { code, shown } = await runOnTerminal(["retire", ...args, "--outputs", desk.outputs], {
      env: fleet.env,
      answers: [["[y/N]", "n\r"]],
    });
    expect(code, shown).toBe(130);
    return shown;
  };

  test("the first run: the terminal is revoked, and the earliest time of its deletion", async () => {
    const shown = await asked("old-5", "--after", "2");
    const from = formatDay(Date.now() + 2 * dayMs);
    expect(shown).toContain(
      `Retire old-5 (example-customer, Site 1) in dev? It is revoked now, and can be deleted from ${from}.`,
    );
    expect(await operator.registry.get("old-5")).toMatchObject({ status: "enabled" });
  });

  test("after the waiting period: the terminal is deleted, and whether it still works", async () => {
    expect((await command("old-6", "--after", "0")).code).toBe(0);
    const shown = await asked("old-6");
    expect(shown).toContain(
      "Delete old-6 (example-customer, Site 0) in dev for good? Its waiting period ended on",
    );
    expect(await asked("--due")).toContain(
      "Delete the retired terminal old-6 of example-customer in dev for good?",
    );
    const identity = await operator.registry.get("old-6");
    if (identity) await operator.registry.update({ ...identity, status: "enabled" });
    expect(await asked("old-6")).toContain("It still works, and is revoked first.");
    expect(await operator.registry.get("old-6")).toMatchObject({ status: "enabled" });
  });
});
