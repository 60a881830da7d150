import { afterAll, expect, test } from "vitest";
import { sendFile } from "../../../cli/file-exchange/exchange.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const terminals = 40;
const { operator, desk, close } = await onboardedFleet("piped", terminals);
afterAll(close);

/** Runs a command whose reader closes the pipe after so many bytes, as `terminals … | head -c 1` and `| true` do. */
const runUnread = (readsBytes: 0 | 1, args: string[]) =>
  desk.run([...args, "--outputs", desk.outputs], { readsBytes });

test.each([
  ["status", ["status", "--json"]],
  ["audit show", ["audit", "show", "--json"]],
])("%s stops with exit code 0 when its standard output is closed", async (_what, args) => {
  const { code, stderr } = await runUnread(0, args);
  expect([code, stderr]).toEqual([0, ""]);
});

test("files without --collect and --withdraw stops with exit code 0 when its standard output is closed", async () => {
  await sendFile(operator, "piped-0", desk.batch, {});
  const { code, stderr } = await runUnread(0, ["files", "piped-0", "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
});

test("revoke completes when its standard output is closed, and records its result", async () => {
  const args = ["revoke", "--customer", "example-customer", "--reason", "closed", "--yes"];
  const { code, stderr } = await runUnread(1, [...args, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (let number = 0; number < terminals; number++) {
    const id = `piped-${number}`;
    expect(await operator.registry.get(id), id).toMatchObject({ status: "disabled" });
    expect(await operator.flowKeys.get("example-customer", id), id).toMatchObject({ status: "revoked" });
  }
  const shown = await desk.runInProcess(["audit", "show", "--outputs", desk.outputs, "--json"]);
  expect(jsonLines(shown).at(-1)).toMatchObject({
    stage: "end",
    about: { command: "revoke" },
    result: { outcome: "done", details: { closed: terminals, open: 0 } },
  });
});

test.skipIf(process.platform !== "linux")(
  "status fails with the operating system's reason when standard output is on a full disk",
  async () => {
    const full = await desk.run(["status", "--outputs", desk.outputs], { stdout: "/dev/full" });
    expect(full.code).toBe(1);
    expect(full.stderr).toBe("Error: standard output cannot be written: the disk is full\n");
  },
);
