import { afterAll, beforeAll, expect, test } from "vitest";
import type { Check } from "../../../tools/conformance/check.ts";
import { checks } from "../../../tools/conformance/checks/index.ts";
import { ArmClient } from "../../../tools/conformance/clients/arm.ts";
import { type CheckResult, runChecks } from "../../../tools/conformance/runner.ts";
import { openSandboxTarget } from "../../../tools/conformance/targets/sandbox.ts";
import type { Target } from "../../../tools/conformance/targets/target.ts";

/* The suite that also runs against Azure, against one sandbox. */

let target: Target;
let results: CheckResult[];

beforeAll(async () => {
  target = await openSandboxTarget();
  results = await runChecks(target, { checks });
});
afterAll(() => target[Symbol.asyncDispose]());

test.each(checks.map(({ id, title }) => [id, title]))("%s: %s", (id) => {
  const result = results.find((each) => each.id === id);
  expect(result?.observations.filter(({ ok }) => !ok)).toEqual([]);
  expect(result).toMatchObject({ verdict: "passed" });
});

test("each check has an ID of its own and the address of a source", () => {
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  for (const { id, source } of checks) expect(URL.canParse(source), id).toBe(true);
});

test("a run that is interrupted deletes what it created, and a check that fails or throws does not end the run", async () => {
  const interruption = new AbortController();
  const base = { section: "storage", azure: "", source: "https://example.com", known: "inferred" } as const;
  const groups: string[] = [];
  const probes: Check[] = [
    {
      ...base,
      id: "storage/probe-throws",
      title: "throws",
      async run(t) {
        groups.push(t.fixture.group);
        throw new Error("no answer of https://example.com/a?sp=r&sig=c2VjcmV0&se=1");
      },
    },
    {
      ...base,
      id: "storage/probe-differs",
      title: "differs",
      async run(t) {
        await t.fixture.changeableAccount();
        t.expect("status", (await t.fixture.arm.send("HEAD", t.fixture.group)).status, 200);
        interruption.abort();
      },
    },
    {
      ...base,
      id: "storage/probe-late",
      title: "late",
      run: () => Promise.reject(new Error("must not run")),
    },
  ];
  const ended = await runChecks(target, { checks: probes, signal: interruption.signal });
  expect(ended.map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
    ["storage/probe-throws", "unknown", "no answer of https://example.com/a?sp=r&sig=…&se=1"],
    ["storage/probe-differs", "failed", undefined],
  ]);
  expect(ended[1]?.observations).toEqual([{ what: "status", observed: 204, expected: 200, ok: false }]);
  expect((await new ArmClient(target).send("HEAD", groups[0] as string)).status).toBe(404);
});
