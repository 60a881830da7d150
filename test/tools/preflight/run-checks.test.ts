import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ServiceEndpoint } from "../../../sandbox/proxy/service-endpoint.ts";
import type { Check, CheckInputs } from "../../../tools/preflight/check.ts";
import { resourceProviderCheck } from "../../../tools/preflight/checks/resource-providers.ts";
import { softDeletedCheck } from "../../../tools/preflight/checks/soft-deleted.ts";
import { subscriptionCheck } from "../../../tools/preflight/checks/subscription.ts";
import { couldNotTellExitCode, exitCodeOf } from "../../../tools/preflight/report.ts";
import { runChecks } from "../../../tools/preflight/run-checks.ts";
import type { TestSandbox } from "../../support/test-sandbox.ts";
import { declared, runCheck, startAzure } from "./check-inputs.ts";

/* What a check reports when it cannot ask, or is told something that does not come from Azure. */

let sandbox: TestSandbox;
let real: ServiceEndpoint[];

beforeAll(async () => {
  sandbox = await startAzure();
  real = [...sandbox.endpoints];
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
});

beforeEach(() => {
  sandbox.endpoints.splice(0, sandbox.endpoints.length, ...real);
});

/** Serves management.azure.com in place of the sandbox. */
function answerAsResourceManager(request: RequestListener): void {
  sandbox.endpoints.unshift({ serves: (host) => host === "management.azure.com", request });
}

async function run(check: Check, limitMs?: number) {
  const lines = runChecks([check], {} as CheckInputs, { limitMs, signal: new AbortController().signal });
  return (await lines.next()).value?.finding;
}

test("a check that does not end could not tell when its time is used up", async () => {
  const check: Check = { id: "endless", run: () => new Promise(() => {}) };
  expect(await run(check, 20)).toMatchObject({
    result: "couldNotTell",
    reason: "no result in 0.02 seconds",
  });
});

test("a check with a defect could not tell", async () => {
  const check: Check = {
    id: "broken",
    run: async () => {
      throw new TypeError("x is undefined");
    },
  };
  expect(await run(check)).toMatchObject({
    result: "couldNotTell",
    reason: "this check failed itself: x is undefined",
  });
});

test.each<[string, RequestListener]>([
  [
    "a page with 200",
    (_, res) =>
      res.writeHead(200, { "Content-Type": "text/html" }).end("<html>Please sign in to the network</html>"),
  ],
  [
    "JSON without Azure's headers",
    (_, res) => res.writeHead(200, { "Content-Type": "application/json" }).end("{}"),
  ],
  [
    "404 without Azure's error",
    (_, res) => res.writeHead(404, { "Content-Type": "application/json" }).end('{"message":"no"}'),
  ],
  [
    "403 with a page",
    (_, res) => res.writeHead(403, { "Content-Type": "text/html" }).end("<html>Blocked</html>"),
  ],
])(
  "%s is no verdict of Azure: every check could not tell, and the command ends with 4",
  async (_, listener) => {
    answerAsResourceManager(listener);
    const subscription = await runCheck(subscriptionCheck, sandbox);
    expect(subscription).toMatchObject({ result: "couldNotTell", blocked: "unreachable" });
    const resources = [declared("Microsoft.Storage/storageAccounts", "files")];
    expect(await runCheck(resourceProviderCheck, sandbox, { resources })).toMatchObject({
      result: "couldNotTell",
    });
    expect(await runCheck(softDeletedCheck, sandbox)).toMatchObject({ result: "couldNotTell" });
    expect(exitCodeOf([{ id: "subscription", finding: subscription }])).toBe(4);
  },
);

test("neither a redirect nor a next page on another host gets the deployer's token", async () => {
  let requests = 0;
  const server = createServer((_, res) => {
    requests++;
    res.end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    answerAsResourceManager((_, res) =>
      res.writeHead(307, { Location: elsewhere, "x-ms-request-id": "1" }).end(),
    );
    expect(await runCheck(softDeletedCheck, sandbox)).toMatchObject({ result: "couldNotTell" });
    sandbox.endpoints.shift();
    answerAsResourceManager((_, res) =>
      res
        .writeHead(200, { "Content-Type": "application/json", "x-ms-request-id": "1" })
        .end(JSON.stringify({ value: [], nextLink: elsewhere })),
    );
    expect(await runCheck(softDeletedCheck, sandbox)).toMatchObject({
      result: "couldNotTell",
      reason: expect.stringContaining("a link to another host"),
    });
    expect(requests).toBe(0);
  } finally {
    server.close();
  }
});

test("the exit code tells failure from success, and both from not knowing", () => {
  const line = (result: "passed" | "failed" | "couldNotTell") => ({
    id: "x",
    finding: { result, reason: "" },
  });
  expect(exitCodeOf([line("passed"), line("passed")])).toBe(0);
  expect(exitCodeOf([line("passed"), line("couldNotTell")])).toBe(couldNotTellExitCode);
  expect(exitCodeOf([line("passed"), line("couldNotTell"), line("failed")])).toBe(1);
});
