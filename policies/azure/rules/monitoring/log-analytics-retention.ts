import { isBetween, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, days } from "../../engine/settings.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const settings = {
  minimumDays: days("The shortest time, in days, for which the workspace keeps logs.", 30),
  maximumDays: days("The longest time, in days, for which the workspace keeps logs.", 730),
};

export const logAnalyticsRetention: ResourceRule = {
  id: "log-analytics-retention",
  severity: "low",
  description: "The Log Analytics workspace keeps logs for 30 to 730 days.",
  reason: "An incident is often investigated weeks after it happened.",
  remedy: "Set retentionInDays to a number from 30 to 730.",
  sources: [
    microsoftLearn(
      "Data retention in Azure Monitor Logs",
      "azure/azure-monitor/logs/data-retention-configure",
    ),
  ],
  settings,
  check: {
    [types.workspace]: bySettings(settings, ({ minimumDays, maximumDays }) =>
      requireProperty(
        "retentionInDays",
        `${minimumDays} to ${maximumDays}`,
        isBetween(minimumDays, maximumDays),
      ),
    ),
  },
};
