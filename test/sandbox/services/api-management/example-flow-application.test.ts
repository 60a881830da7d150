import { afterAll, expect, test } from "vitest";
import {
  gatewayTokenCheck,
  registerExampleFlowApi,
} from "../../../../sandbox/services/api-management/example-flow-application.ts";
import { agentOf, call } from "../../proxy/proxy-client.ts";
import { GatewayCloud, policyWith, withKey } from "./gateway-cloud.ts";

const audience = "api://11111111-2222-3333-4444-555555555555";
let isFromGateway: ReturnType<typeof gatewayTokenCheck>;
const cloud = await GatewayCloud.open({ isFromGateway: (authorization) => isFromGateway(authorization) });
isFromGateway = gatewayTokenCheck(cloud.azure);
registerExampleFlowApi(cloud.azure);
const key = cloud.subscribe("customer");
afterAll(() => cloud.close());

/** A call through the gateway, which gets a token for the resource. */
const throughGateway = (resource: string) => {
  const signIn = `<base /><authentication-managed-identity resource="${resource}" />`;
  cloud.policy("flow", policyWith({ inbound: signIn }));
  return cloud.get("/flow/health", withKey(key, { Authorization: "Bearer forged" }));
};

/** A call to the Flow API itself. */
const direct = (headers: Record<string, string>) =>
  call(cloud.proxy, "https://flow.example.com/health", { headers, agent: agentOf(cloud.proxy) });

test("the example Flow API answers calls with the gateway's token for its audience, and no others", async () => {
  expect((await throughGateway(audience)).body).toBe('{"status":"ok"}');
  const other = cloud.azure.directory.addServicePrincipal("other");
  const { token } = await cloud.azure.tokens.issue(other, audience);
  for (const answer of [
    await throughGateway("https://storage.azure.com"),
    await direct({}),
    await direct({ Authorization: "Bearer nonsense", "X-Terminal-Id": "oslo-entrance-1" }),
    await direct({ Authorization: `Bearer ${token}` }),
  ]) {
    expect([answer.status, answer.body]).toEqual([
      401,
      '{"message":"The call did not come through the gateway."}',
    ]);
  }
});
