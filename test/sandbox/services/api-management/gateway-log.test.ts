import { afterAll, beforeEach, expect, test } from "vitest";
import { availabilityRequest } from "../../../../components/availability-test.ts";
import { MonitorData } from "../../../../sandbox/services/monitor/monitor-data.ts";
import { customerId, FlowGateway, newKey, tableHost, terminalId } from "./flow-gateway.ts";

const gateway = await FlowGateway.open();
const { azure } = gateway;
const monitor = new MonitorData(azure.azure);
const key = await gateway.terminal();
afterAll(() => gateway.close());
beforeEach(() => gateway.renew());

const workspaceId = `${azure.group}/providers/Microsoft.OperationalInsights/workspaces/log`;
azure.azure.resources.put({
  id: workspaceId,
  type: "Microsoft.OperationalInsights/workspaces",
  name: "log",
  properties: { customerId: "workspace" },
});
azure.azure.resources.put({
  id: `${azure.serviceId}/providers/Microsoft.Insights/diagnosticSettings/terminal-fleet`,
  type: "Microsoft.Insights/diagnosticSettings",
  name: "terminal-fleet",
  properties: { workspaceId, logs: [{ categoryGroup: "allLogs", enabled: true }] },
});

/** Declares the diagnostic of the program. */
function declareDiagnostic(): void {
  const noQuery = { dataMasking: { queryParams: [{ value: "*", mode: "Hide" }] } };
  azure.put(
    "apis/diagnostics",
    "azuremonitor",
    {
      logClientIp: true,
      frontend: {
        request: { headers: ["X-Terminal-Id"], ...noQuery },
        response: { headers: ["X-Request-Id"] },
      },
      backend: { request: { headers: ["X-Terminal-Id", "X-Customer-Id"], ...noQuery } },
    },
    { id: `${azure.serviceId}/apis/flow/diagnostics/azuremonitor` },
  );
}

const lines = () => monitor.readLog("ApiManagementGatewayLogs", { sinceMs: azure.clock.now() - 60_000 });

test("the log says which terminal called, how long it took and how it ended, without key, query and body", async () => {
  declareDiagnostic();
  const accepted = await gateway.lookUp(gateway.keys(key), "/flow/v1/employees/1001?name=Nobody");
  const wrongKey = newKey();
  await gateway.lookUp(gateway.keys(wrongKey), `/flow/health?subscription-key=${gateway.subscriptionKey}`);
  await gateway.lookUp({ ...gateway.keys(key), "Ocp-Apim-Subscription-Key": "guess" }, "/flow/v1/lookups", {
    method: "POST",
    body: '{"badges":["1001"]}',
  });
  expect(accepted.status).toBe(200);
  expect(lines()).toEqual([
    expect.objectContaining({
      CorrelationId: accepted.headers["x-request-id"],
      ApimSubscriptionId: customerId,
      Method: "GET",
      Url: "https://example-flow.azure-api.net/flow/v1/employees/1001",
      CallerIpAddress: "127.0.0.1",
      RequestHeaders: { "X-Terminal-Id": terminalId },
      ResponseCode: 200,
      ResponseHeaders: { "X-Request-Id": accepted.headers["x-request-id"] },
      TotalTime: expect.any(Number),
      BackendUrl: "https://flow.example.com/v1/employees/1001",
      BackendRequestHeaders: { "X-Terminal-Id": terminalId, "X-Customer-Id": customerId },
      BackendResponseCode: 200,
      LastErrorReason: "",
    }),
    expect.objectContaining({
      Url: "https://example-flow.azure-api.net/flow/health",
      RequestHeaders: { "X-Terminal-Id": terminalId },
      ResponseCode: 401,
      BackendUrl: "",
      BackendResponseCode: null,
    }),
    expect.objectContaining({
      Method: "POST",
      ResponseCode: 401,
      LastErrorReason: "SubscriptionKeyInvalid",
      RequestHeaders: { "X-Terminal-Id": terminalId },
    }),
  ]);
  const whole = JSON.stringify(lines());
  for (const secret of [key, wrongKey, gateway.subscriptionKey, "guess", "Nobody", "badges", "Bearer"]) {
    expect(whole).not.toContain(secret);
  }
});

test("without a diagnostic of the API, the log has the query, as in Azure", async () => {
  azure.azure.resources.delete(`${azure.serviceId}/apis/flow/diagnostics/azuremonitor`);
  await gateway.lookUp(gateway.keys(key), "/flow/health?name=x");
  expect(lines().at(-1)).toMatchObject({
    Url: "https://example-flow.azure-api.net/flow/health?name=x",
    RequestHeaders: {},
  });
});

test("the declared availability test passes while the gateway can look terminals up, and fails otherwise", async () => {
  const call = async () => {
    const { path, method, status, text } = availabilityRequest;
    const answer = await gateway.lookUp({}, `/flow${path}`, { method });
    return answer.status === status && answer.body.includes(text);
  };
  expect(await call()).toBe(true);
  const disarm = azure.proxy.faults.add({ host: tableHost, drop: "before" });
  expect(await call()).toBe(false);
  disarm();
});
