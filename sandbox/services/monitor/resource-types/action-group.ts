import { z } from "zod";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { noEffect } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, location, optional, tags, text } from "../../../resource-manager/shared-inputs.ts";

const noNotices = "the sandbox notifies no receiver";

const receiverName = { name: text.min(1) };

/** Microsoft.Insights/actionGroups: checked as in Azure. The sandbox sends no notifications. */
export const actionGroup: ResourceType = {
  type: "Microsoft.Insights/actionGroups",
  token: "azure-native:monitor:ActionGroup",
  apiVersion: "2024-10-01-preview",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/actionGroups/{actionGroupName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    enabled: noEffect(flag, noNotices),
    groupShortName: noEffect(text.min(1).max(12), noNotices),
    tags: tags.optional(),
    ...optional({
      armRoleReceivers: noEffect(
        z.array(z.strictObject({ ...receiverName, roleId: text, useCommonAlertSchema: flag.optional() })),
        noNotices,
      ),
      emailReceivers: noEffect(
        z.array(
          z.strictObject({ ...receiverName, emailAddress: z.email(), useCommonAlertSchema: flag.optional() }),
        ),
        noNotices,
      ),
      smsReceivers: noEffect(
        z.array(z.strictObject({ ...receiverName, countryCode: text, phoneNumber: text })),
        noNotices,
      ),
      webhookReceivers: noEffect(
        z.array(
          z.strictObject({ ...receiverName, serviceUri: z.url(), useCommonAlertSchema: flag.optional() }),
        ),
        noNotices,
      ),
    }).shape,
  }),
  topLevel: ["location", "tags"],
  replaceOn: ["location"],
  computed: ["systemData"],
  // "Create and manage action groups": Global, and the regions that process notifications within the region.
  regions: [
    "global",
    "northcentralus",
    "southcentralus",
    "northeurope",
    "germanywestcentral",
    "swedencentral",
  ],

  check({ resource }) {
    if (!/^[^*#&+:<>?@%/\\]{0,259}[^*#&+:<>?@%/\\ .]$/.test(resource.name)) {
      throw new ArmError(
        400,
        "InvalidActionGroupName",
        `'${resource.name}' is not a valid action group name.`,
      );
    }
    const receivers = Object.entries(resource.properties)
      .filter(([name]) => name.endsWith("Receivers"))
      .flatMap(([, list]) => list as { name: string }[]);
    const names = receivers.map(({ name }) => name.toLowerCase());
    if (new Set(names).size < names.length) {
      throw new ArmError(
        400,
        "DuplicateReceiverName",
        "The names of an action group's receivers must differ.",
      );
    }
  },
};
