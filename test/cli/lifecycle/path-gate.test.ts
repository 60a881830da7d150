import { expect, test } from "vitest";
import { OperatorError } from "../../../cli/lib/operator-error.ts";
import { PathGate } from "../../../cli/lifecycle/revocation/path-gate.ts";

const unreachable = () => Promise.reject(new OperatorError("unreachable", "no answer"));

test("after as many unreachable terminals in a row as are worked on at once, the rest is not tried", async () => {
  const gate = new PathGate("flow", 3);
  let tried = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      gate.run(() => {
        tried++;
        return unreachable();
      }),
    ),
  );
  expect(tried).toBe(3);
  const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
  expect(codes).toEqual([undefined, undefined, undefined, ...Array(7).fill("NotTried")]);
  expect((outcomes[9] as PromiseRejectedResult).reason).toMatchObject({
    outcome: "unreachable",
    message: "not tried: the key table did not answer for 3 terminals in a row",
  });
});

test("a success or another failure between unreachable terminals keeps the access path in use", async () => {
  const gate = new PathGate("hub", 2);
  const others = [
    () => Promise.resolve("done"),
    () => Promise.reject(new OperatorError("notAllowed", "403")),
  ];
  for (const other of others) {
    await expect(gate.run(unreachable)).rejects.toThrow("no answer");
    await gate.run(other).catch(() => {});
  }
  expect(await gate.run(() => Promise.resolve("tried"))).toBe("tried");
});

test("after an interruption no more terminals are tried", async () => {
  const gate = new PathGate("files", 1);
  const interruption = new AbortController();
  const first = gate.run(async () => interruption.abort(), interruption.signal);
  await expect(gate.run(() => Promise.resolve(), interruption.signal)).rejects.toMatchObject({
    outcome: "interrupted",
    code: "NotTried",
  });
  await first;
});
