import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { writeConditions } from "../../../sandbox/resource-manager/subscription-conditions.ts";
import { startDeployedStack } from "../../support/deployed-stack.ts";
import { outcome, startProgram } from "../../support/processes.ts";
import { TestStack } from "../../support/test-stack.ts";

/*
 * `npm run preflight` as a deployer runs it, on the real program: its own process, the real Pulumi engine, and the sandbox
 * as Azure.
 */

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start("dev");
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  writeConditions(stack.sandbox.azure, {});
});

interface Line {
  type: string;
  check?: string;
  result?: string;
  reason?: string;
  remedy?: string;
}

/** Runs the check with --json. */
async function preflight(on: TestStack, env: NodeJS.ProcessEnv = {}) {
  const run = startProgram("tools/preflight/preflight.ts", ["--stack", on.stack, "--json"], {
    env: { ...on.env("deployer"), ...env },
  });
  const { code, output, stdout } = await outcome(run);
  const lines = stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  const results = Object.fromEntries(lines.flatMap(({ check, result }) => (check ? [[check, result]] : [])));
  return { code, output, lines, results, line: (id: string) => lines.find(({ check }) => check === id) };
}

/** Sends what `az group create` and `az group delete` send. */
async function group(method: "PUT" | "DELETE", name: string): Promise<number> {
  const { azure } = stack.sandbox;
  const { deployer } = stack.sandbox.principals;
  const { token } = await azure.tokens.issue(deployer, "https://management.azure.com");
  const { createResourceManagerEndpoint } = await import(
    "../../../sandbox/resource-manager/rest-api/endpoint.ts"
  );
  const endpoint = createResourceManagerEndpoint(azure, stack.sandbox.storage.accountKeys);
  const answer = await endpoint.fetch(
    new Request(
      `https://management.azure.com/subscriptions/${azure.subscriptionId}/resourcegroups/${name}?api-version=2021-04-01`,
      {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: method === "PUT" ? JSON.stringify({ location: "norwayeast" }) : undefined,
      },
    ),
  );
  return answer.status;
}

const resourcesOf = ({ sandbox }: TestStack) =>
  sandbox.azure.store.db.prepare("SELECT key, body FROM arm_resources ORDER BY key").all();

const allPassed = {
  subscription: "passed",
  region: "passed",
  skus: "passed",
  "resource-providers": "passed",
  rights: "passed",
  "directory-roles": "passed",
  "azure-policy": "passed",
  names: "passed",
  "group-name": "passed",
  "flow-application": "passed",
  "soft-deleted": "passed",
};

test("in an empty subscription only the region cannot be told, until the deployer follows the remedy", async () => {
  const before = resourcesOf(stack);
  const first = await preflight(stack);
  expect(first.results).toEqual({ ...allPassed, region: "couldNotTell" });
  expect(first.code).toBe(6);
  expect(first.line("region")?.remedy).toContain(
    "az group create --name rg-region-check --location norwayeast",
  );
  expect(await group("PUT", "rg-region-check")).toBe(201);
  const second = await preflight(stack);
  expect(second.results).toEqual(allPassed);
  expect(second.code).toBe(0);
  expect(second.lines.at(-1)).toEqual({ type: "summary", passed: 11, failed: 0, couldNotTell: 0 });
  expect(await group("DELETE", "rg-region-check")).toBe(202);
  // It has read only.
  expect(resourcesOf(stack)).toEqual(before);
});

test("every condition of the subscription is a failed line with its remedy", async () => {
  writeConditions(stack.sandbox.azure, {
    ineligibleRegions: ["West Europe"],
    unregisteredProviders: ["Microsoft.Devices"],
    restrictedSkus: [{ sku: "BasicV2", region: "norwayeast" }],
    policies: [
      {
        name: "tls",
        displayName: "Storage accounts use TLS 1.3",
        if: {
          allOf: [
            { field: "type", equals: "Microsoft.Storage/storageAccounts" },
            { field: "Microsoft.Storage/storageAccounts/minimumTlsVersion", notEquals: "TLS1_3" },
          ],
        },
      },
    ],
  });
  const { code, results, line } = await preflight(stack);
  expect(code).toBe(1);
  expect(results).toEqual({
    ...allPassed,
    region: "failed",
    "resource-providers": "failed",
    skus: "failed",
    "azure-policy": "failed",
  });
  expect(line("region")?.reason).toContain("westeurope takes no resources of this tenant");
  expect(line("region")?.remedy).toContain("Unable to access West Europe region");
  expect(line("resource-providers")?.remedy).toContain(
    "az provider register --namespace Microsoft.Devices --wait",
  );
  expect(line("skus")?.reason).toContain("NotAvailableForSubscription");
  expect(line("azure-policy")).toMatchObject({
    reason: "Azure Policy denies 4 declared resources",
    details: expect.arrayContaining([
      'files-account is denied by "Storage accounts use TLS 1.3": properties.minimumTlsVersion is "TLS1_2"',
    ]),
  });
});

test("a region that takes no new tenants, which the check names, refuses the deployment", async () => {
  writeConditions(stack.sandbox.azure, { ineligibleRegions: ["West Europe"] });
  const up = await stack.up();
  expect(up.code).not.toBe(0);
  expect(up.output).toContain("aka.ms/locationineligible");
  expect((await stack.pulumi("destroy", "--yes", "--skip-preview")).code).toBe(0);
});

test("a deployed stack passes: its names are its own", async () => {
  await using deployed = await startDeployedStack();
  const { code, results, output } = await preflight(deployed);
  expect(results, output).toEqual(allPassed);
  expect(code).toBe(0);
});

test("without a sign-in it ends with 3, without a way to Azure with 4, with a wrong stack with 2", async () => {
  const wrongSecret = await preflight(stack, { AZURE_CLIENT_SECRET: "wrong" });
  expect(wrongSecret.output).toContain("AADSTS");
  expect(wrongSecret.code).toBe(3);
  const noProxy = await preflight(stack, { HTTPS_PROXY: "http://127.0.0.1:9" });
  expect(noProxy.code).toBe(4);
  const unknown = await outcome(startProgram("tools/preflight/preflight.ts", ["--stack", "nowhere"]));
  expect(unknown.code).toBe(2);
  expect(unknown.output).toContain("Stacks with settings: dev, prod");
});

test("a program that cannot be previewed ends with 2 and Pulumi's reason", async () => {
  const { code, lines } = await preflight(stack, { PULUMI_DEBUG_PROVIDERS: "azure-native:9" });
  expect(code).toBe(2);
  expect(lines).toEqual([
    expect.objectContaining({ type: "error", message: expect.stringContaining("cannot be previewed") }),
  ]);
});
