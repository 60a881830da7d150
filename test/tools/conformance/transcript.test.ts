import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Check } from "../../../tools/conformance/check.ts";
import { checks } from "../../../tools/conformance/checks/index.ts";
import { costText } from "../../../tools/conformance/cost.ts";
import { readOptions } from "../../../tools/conformance/options.ts";
import type { CheckResult } from "../../../tools/conformance/runner.ts";
import { compareTranscripts } from "../../../tools/conformance/transcript/compare.ts";
import { transcriptPage } from "../../../tools/conformance/transcript/page.ts";
import { createTranscript, readTranscript } from "../../../tools/conformance/transcript/transcript.ts";
import { temporaryFolder } from "../../support/folder.ts";

const subscription = "11111111-2222-4333-8444-555555555555";

const result = (id: string, observed: unknown, more: Partial<CheckResult> = {}): CheckResult => ({
  id,
  title: `Title of ${id}`,
  source: "https://example.com",
  verdict: "passed",
  observations: [{ what: "status", observed, expected: 200, ok: observed === 200 }],
  measurements: [{ what: "time", seconds: 1 }],
  seconds: 1,
  ...more,
});
const transcript = (name: "sandbox" | "azure", ...results: CheckResult[]) =>
  createTranscript({ name, region: "westeurope" }, results, { startedAt: new Date(0), isComplete: true });

test("two transcripts are the same, different or not comparable by check, whatever their times", () => {
  const slow = { measurements: [{ what: "time", seconds: 99 }] };
  const sandbox = transcript(
    "sandbox",
    result("a", 200),
    result("b", 200),
    result("c", 200),
    result("d", 200),
  );
  const azure = transcript(
    "azure",
    result("a", 200, slow),
    result("b", 404, { verdict: "failed" }),
    result("c", 200, { verdict: "unknown", observations: [], reason: "no answer" }),
    result("e", 200),
  );
  expect(compareTranscripts(sandbox, azure).map(({ id, result, details }) => [id, result, details])).toEqual([
    ["a", "same", []],
    ["b", "different", ["status: 200, other run: 404"]],
    ["c", "unknown", ["no answer"]],
    ["d", "unknown", ["not run in the other run (azure)"]],
    ["e", "unknown", ["not run in the other run (sandbox)"]],
  ]);
});

test("a transcript is read as it was written, and another file is refused with its name", async () => {
  await using folder = await temporaryFolder();
  const written = transcript("sandbox", result("a", 200));
  writeFileSync(folder.file("run.json"), JSON.stringify(written));
  expect(readTranscript(folder.file("run.json"))).toEqual(JSON.parse(JSON.stringify(written)));
  writeFileSync(folder.file("other.json"), JSON.stringify({ ...written, version: 2 }));
  expect(() => readTranscript(folder.file("other.json"))).toThrow(
    /other\.json is no transcript of version 1: version/,
  );
});

test("the page of a transcript shows what differs from the expectation", () => {
  const page = transcriptPage(transcript("azure", result("a", 404, { verdict: "failed" })));
  expect(page).toContain("0 passed, 1 failed, 0 could not tell.");
  expect(page).toContain("**status: `404`, expected `200`**");
});

test("the question before a run on Azure names what is created and what it costs", () => {
  const storage = checks.filter(({ id }) => id.startsWith("storage/"));
  const options = { subscriptionId: subscription, region: "norwayeast" };
  expect(costText(storage, options)).toContain("about 0.10 US dollars");
  const all = costText(checks, options);
  expect(all).toContain(
    `${checks.length} checks will run in the subscription ${subscription}, region norwayeast.`,
  );
  expect(all).toContain("IoT hub of the tier S1");
  expect(all).toContain("about 1.70 US dollars");
});

test.each<[string[], RegExp]>([
  [["--target", "aws"], /--target is sandbox or azure/],
  [["--target", "azure"], /needs the ID of a subscription/],
  [["--target", "azure", "--subscription", "mine"], /needs the ID of a subscription/],
  [["--only", "nothing-like-this"], /no check has an ID that contains nothing-like-this/],
  [["--clean-up", "0123abcd"], /--clean-up needs --target azure/],
  [["--target", "azure", "--clean-up", "../x"], /--clean-up needs the ID of a run/],
  [["--unknown"], /--unknown/],
])("the options %j are refused with a message that names the option", (args, message) => {
  expect(() => readOptions(args, {})).toThrow(message);
});

test("the subscription comes from AZURE_SUBSCRIPTION_ID unless an option names one", () => {
  const environment = { AZURE_SUBSCRIPTION_ID: subscription };
  expect(readOptions(["--target", "azure"], environment)).toMatchObject({
    target: "azure",
    subscriptionId: subscription,
    region: "westeurope",
    isYes: false,
  });
  expect(readOptions([], {}).checks satisfies readonly Check[]).toEqual(checks);
});
