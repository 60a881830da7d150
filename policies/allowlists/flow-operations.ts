/**
 * The operations of the Flow API. The list repeats settings/flow-api.openapi.json, so that each new operation is also a
 * change that a reviewer sees here.
 */
export const flowOperations = [
  { method: "GET", urlTemplate: "/health" },
  { method: "GET", urlTemplate: "/v1/employees/{badge}" },
  { method: "GET", urlTemplate: "/v1/balances/{number}" },
  { method: "POST", urlTemplate: "/v1/lookups" },
];
