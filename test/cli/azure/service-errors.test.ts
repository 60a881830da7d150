import { RestError } from "@azure/core-rest-pipeline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { explain, type Permission } from "../../../cli/azure/explain-error.ts";
import { type Service, serviceErrors } from "../../../cli/azure/service-errors.ts";
import type { OperatorError } from "../../../cli/lib/operator-error.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";

const permission = (): Permission => ({
  role: "Example Role",
  scope: "/subscriptions/example",
  group: "example-operators",
  caller: "00000000-0000-0000-0000-000000000001",
});

const urls: Record<Service, string> = {
  "IoT Hub": "https://example.azure-devices.net/devices/example-001",
  storage: "https://example.blob.core.windows.net/example",
  "Resource Manager": "https://management.azure.com/subscriptions/example",
  "Log Analytics": "https://api.loganalytics.io/v1/workspaces/example/query",
};

function explained(service: Service, statusCode: number, code: string): OperatorError {
  const request = { url: urls[service] } as RestError["request"];
  return explain(
    new RestError("Refused.", { statusCode, code, request }),
    "reading",
    permission,
  ) as OperatorError;
}

/** The codes of a missing role. Any other code must not lead to the commands that grant one. */
const roleCodes = new Set([
  "IotHubUnauthorizedAccess",
  "IotHubUnauthorized",
  "401002",
  "401003",
  "AuthorizationPermissionMismatch",
  "AuthorizationFailed",
  "LinkedAuthorizationFailed",
]);

describe.each(serviceErrors)("$service, $codes", ({ service, codes, outcome, remedy }) => {
  test.each(codes)("%s has the outcome and the remedy of its row", (code) => {
    const error = explained(service, 403, code);
    expect(error).toMatchObject({ outcome, code, message: `reading: ${code}` });
    if (error.remedy?.startsWith("Missing: the role")) expect(remedy).toBe("grant");
    else expect(error.remedy).toBe((remedy as () => string)());
    if (service !== "Log Analytics") {
      expect(error.remedy?.includes("az role assignment create")).toBe(roleCodes.has(code));
    }
  });
});

// Right values with their sources: "Understand and resolve Azure IoT Hub errors", "Common REST API error codes" and
// "Troubleshoot common Azure deployment errors".
test.each([
  ["IoT Hub", 403, "IotHubQuotaExceeded", "unreachable", /00:00 UTC.*`hubUnits`/],
  ["IoT Hub", 429, "ThrottlingException", "unreachable", /throttle/],
  ["storage", 403, "AuthorizationFailure", "notAllowed", /network rules/],
  ["storage", 403, "AuthorizationPermissionMismatch", "notAllowed", /^Missing: the role "Example Role"/],
  ["storage", 403, "KeyBasedAuthenticationNotPermitted", "notAllowed", /allowSharedKeyAccess/],
  ["storage", 403, "AuthenticationFailed", "notAllowed", /clock/],
  ["storage", 403, "AccountIsDisabled", "notAllowed", /disabled/],
  ["Resource Manager", 403, "AuthorizationFailed", "notAllowed", /^Missing: the role "Example Role"/],
  ["Resource Manager", 403, "RequestDisallowedByPolicy", "notAllowed", /Azure Policy/],
  ["Resource Manager", 409, "ScopeLocked", "failed", /lock/],
  ["Resource Manager", 429, "SubscriptionRequestsThrottled", "unreachable", /Too many requests/],
  ["Resource Manager", 401, "ExpiredAuthenticationToken", "notAllowed", /Sign in again/],
] as const)("%s answers %d %s: the remedy is that of the code", (service, status, code, outcome, remedy) => {
  const error = explained(service, status, code);
  expect(error.outcome).toBe(outcome);
  expect(error.remedy).toMatch(remedy);
});

test("a 403 with an unknown code is told by its code, without the commands that grant a role", () => {
  const error = explained("Resource Manager", 403, "SomethingNew");
  expect(error).toMatchObject({ outcome: "notAllowed", code: "SomethingNew" });
  expect(error.remedy).not.toContain("Missing");
});

test("the time of Retry-After is part of the remedy", () => {
  const headers = { get: (name: string) => (name === "retry-after" ? "17" : undefined) };
  const details = {
    statusCode: 429,
    code: "TooManyRequests",
    response: { headers } as RestError["response"],
  };
  const error = explain(new RestError("Refused.", details), "reading") as OperatorError;
  expect(error.remedy).toContain("wait 17 seconds");
});

describe("answers of the deployed services", () => {
  let fleet: DeployedFleet;
  beforeAll(async () => {
    fleet = await deployFleet();
  });
  afterEach(() => fleet.proxy.faults.clear());
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  test("a used-up quota of the IoT Hub is not reported as a missing role", async () => {
    const operator = await fleet.connect();
    const body = JSON.stringify({
      Message: "ErrorCode:IotHubQuotaExceeded;Total number of messages exceeded",
    });
    const headers = { "iothub-errorcode": "IotHubQuotaExceeded", "content-type": "application/json" };
    fleet.proxy.faults.add({ host: fleet.hosts.hub, answer: { status: 403, headers, body } });
    await expect(operator.twins.get("example-001")).rejects.toMatchObject({
      outcome: "unreachable",
      code: "IotHubQuotaExceeded",
      remedy: expect.stringContaining("`hubUnits`"),
    });
  });

  test.each([
    ["a page", 200, "text/html", "<html></html>"],
    ["a page", 403, "text/html", "<html></html>"],
    ["nothing", 200, "application/json", ""],
    ["null", 200, "application/json", "null"],
    ["an array", 200, "application/json", "[]"],
    ["JSON that is not the service's", 403, "application/json", '{"blocked":true}'],
    ["text", 404, "text/plain", "not here"],
    ["broken JSON", 409, "application/json", '{"error":'],
  ])(
    "%s with %d in place of the account keys is reported as what was answered",
    async (_, status, type, body) => {
      const headers = { "content-type": type };
      fleet.proxy.faults.add({
        host: "management.azure.com",
        path: "*listKeys*",
        answer: { status, headers, body },
      });
      const operator = await fleet.connect();
      await expect(operator.files.serviceClient()).rejects.toMatchObject({
        outcome: "unreachable",
        code: `HTTP ${status}`,
        message: expect.stringContaining(
          `management.azure.com answered through the proxy ${new URL(fleet.proxy.url).host} with ${status} (${type}`,
        ),
      });
    },
  );

  test("an empty answer to deleting an identity without the service's form is not believed", async () => {
    const operator = await fleet.connect();
    fleet.proxy.faults.add({ host: fleet.hosts.hub, method: "DELETE", answer: { status: 200 } });
    await expect(operator.registry.delete("example-001")).rejects.toMatchObject({
      outcome: "unreachable",
      code: "HTTP 200",
    });
  });

  test("an answer about another device is not believed", async () => {
    const operator = await fleet.connect();
    const answer = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: '{"deviceId":"other"}',
    };
    fleet.proxy.faults.add({ host: fleet.hosts.hub, answer });
    await expect(operator.twins.get("example-001")).rejects.toMatchObject({ outcome: "unreachable" });
  });
});
