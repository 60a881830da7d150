import { expect, test } from "vitest";
import { waitFor } from "./wait-for.ts";

test("resolves with the first truthy value of the check", async () => {
  let calls = 0;
  const value = await waitFor("the third call", () => (++calls === 3 ? { calls } : undefined), {
    everyMs: 1,
  });
  expect(value).toEqual({ calls: 3 });
});

test("repeats a check that throws until it succeeds", async () => {
  let calls = 0;
  const check = async () => {
    if (++calls < 3) throw new Error("not yet");
    return calls;
  };
  expect(await waitFor("a check without an error", check, { everyMs: 1 })).toBe(3);
});

test("fails after the deadline with what it waited for and the last value", async () => {
  const wait = waitFor("two devices", () => [1].length > 1, { withinMs: 30, everyMs: 1 });
  await expect(wait).rejects.toThrow(
    "Waited for two devices, which did not happen within 0.03 s; its last value: false",
  );
});

test("fails after the deadline with the last error as the cause", async () => {
  const cause = new Error("the hub is closed");
  const wait = waitFor("the hub", () => Promise.reject(cause), { withinMs: 30, everyMs: 1 });
  await expect(wait).rejects.toMatchObject({
    message: "Waited for the hub, which did not happen within 0.03 s; its last error: the hub is closed",
    cause,
  });
});

test("a check that never returns does not outlive the deadline", async () => {
  const wait = waitFor("an answer", () => new Promise<true>(() => {}), { withinMs: 30 });
  await expect(wait).rejects.toThrow("Waited for an answer, which did not happen within 0.03 s");
});
