import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const logAnalyticsNoReplication: ResourceRule = {
  id: "log-analytics-no-replication",
  severity: "high",
  description: "The Log Analytics workspace is not replicated to another region.",
  reason:
    "Logs name terminals, addresses and operators. They stay in West Europe, against the advice of AZR-000425.",
  remedy: "Remove replication.",
  sources: [psRule("AZR-000425", "Azure.Log.Replication")],
  check: {
    [types.workspace]: requireProperty("replication", "absent", (value) => value === undefined),
  },
};
