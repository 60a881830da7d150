import { allOf, isOff, requireProperty, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { bySettings, days } from "../../engine/settings.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const settings = { minimumDays: days("The shortest time, in days, for which a record is kept.", 30) };

export const auditContainerAppendOnly: ResourceRule = {
  id: "audit-container-append-only",
  severity: "high",
  description:
    "The audit container's immutability policy allows appends only, and lasts for 30 days at least.",
  reason: "An audit record is no proof if it can be changed, or deleted before its time.",
  remedy: "Allow protected appends to append blobs only, and set the period to 30 days or more.",
  sources: [
    microsoftLearn(
      "Container-level WORM policies",
      "azure/storage/blobs/immutable-container-level-worm-policies",
    ),
  ],
  settings,
  check: {
    [types.immutabilityPolicy]: bySettings(settings, ({ minimumDays }) =>
      allOf(
        requireValue("allowProtectedAppendWrites", true),
        requireProperty("allowProtectedAppendWritesAll", "false or absent", isOff),
        requireProperty(
          "immutabilityPeriodSinceCreationInDays",
          `${minimumDays} or more`,
          (value) => typeof value === "number" && value >= minimumDays,
        ),
      ),
    ),
  },
};
