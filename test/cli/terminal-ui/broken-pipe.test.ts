import { afterAll, expect, test } from "vitest";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const terminals = 40;
const { operator, desk, close } = await onboardedFleet("piped", terminals);
afterAll(close);

/** As `terminals … | head -c 1`, or `| true`. */
const unread = (readsBytes: 0 | 1, args: string[]) =>
  desk.run([...args, "--outputs", desk.outputs], { readsBytes });

test.each([
  ["status", ["status", "--json"]],
  ["the audit log", ["audit", "show", "--json"]],
])("%s ends quietly when nobody reads it any more", async (_what, args) => {
  const { code, stderr } = await unread(0, args);
  expect([code, stderr]).toEqual([0, ""]);
});

test("a revocation goes on to its end when nobody reads it any more, and records how it ended", async () => {
  const args = ["revoke", "--customer", "example-customer", "--reason", "closed", "--yes"];
  const { code, stderr } = await unread(1, [...args, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (let number = 0; number < terminals; number++) {
    const id = `piped-${number}`;
    expect(await operator.registry.get(id), id).toMatchObject({ status: "disabled" });
    expect(await operator.flowKeys.get("example-customer", id), id).toMatchObject({ status: "revoked" });
  }
  const shown = await desk.run(["audit", "show", "--outputs", desk.outputs, "--json"]);
  expect(jsonLines(shown).at(-1)).toMatchObject({
    stage: "end",
    about: { command: "revoke" },
    result: { outcome: "done", details: { closed: terminals, open: 0 } },
  });
});

test.skipIf(process.platform !== "linux")(
  "a full disk below standard output is a failure that is told",
  async () => {
    const full = await desk.run(["status", "--outputs", desk.outputs], { stdout: "/dev/full" });
    expect(full.code).toBe(1);
    expect(full.stderr).toBe("Error: standard output cannot be written: no space left on device\n");
  },
);
