import { afterAll, expect, test } from "vitest";
import { GatewayCloud, policyWith, withKey } from "./gateway-cloud.ts";
import { returns } from "./local-gateway.ts";

const azure = await GatewayCloud.open();
afterAll(() => azure.close());

test("policies read the display names of the API, the operation and the subscription", async () => {
  azure.api("named", { displayName: "Flow lookups" }, ["GET /terminals"]);
  const key = azure.subscribe("customer-1", "/apis/named", { displayName: "Example customer" });
  const names = "context.Api.Name, context.Operation.Name, context.Subscription.Name";
  const [api, operation, subscription] = names.split(", ");
  const text = returns(`@(${api} + "; " + ${operation} + "; " + ${subscription})`);
  azure.policy("named", policyWith({ inbound: text }));
  expect((await azure.get("/named/terminals", withKey(key))).body).toBe(
    "Flow lookups; GET /terminals; Example customer",
  );
});
