import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ArmError } from "../../../resource-manager/arm-error.ts";
import { noEffect } from "../../../resource-manager/input-effect.ts";
import { allRegions } from "../../../resource-manager/regions.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, identity, location, optional, tags, whole } from "../../../resource-manager/shared-inputs.ts";
import { deletedWorkspaces, findDeleted, keepDeleted } from "../../../resource-manager/soft-deleted.ts";

const noLogs = "the sandbox keeps logs, and does not limit or delete them";

/** Microsoft.OperationalInsights/workspaces: checked as in Azure. ../monitor-data.ts stores its logs. */
export const workspace: ResourceType = {
  type: "Microsoft.OperationalInsights/workspaces",
  token: "azure-native:operationalinsights:Workspace",
  apiVersion: "2023-09-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    tags: tags.optional(),
    identity: identity.optional(),
    ...optional({
      features: noEffect(
        optional({
          disableLocalAuth: flag,
          enableDataExport: flag,
          enableLogAccessUsingOnlyResourcePermissions: flag,
          immediatePurgeDataOn30Days: flag,
        }),
        noLogs,
      ),
      forceCmkForQuery: noEffect(flag, noLogs),
      publicNetworkAccessForIngestion: noEffect(z.enum(["Enabled", "Disabled"]), noLogs),
      publicNetworkAccessForQuery: noEffect(z.enum(["Enabled", "Disabled"]), noLogs),
      retentionInDays: noEffect(whole, noLogs),
      sku: noEffect(
        z.strictObject({
          name: z.enum(["PerGB2018", "CapacityReservation"]),
          capacityReservationLevel: whole.optional(),
        }),
        noLogs,
      ),
      workspaceCapping: noEffect(optional({ dailyQuotaGb: z.number() }), noLogs),
    }).shape,
  }),
  topLevel: ["location", "tags", "identity"],
  replaceOn: ["location"],
  computed: [
    "createdDate",
    "customerId",
    "etag",
    "identity.principalId",
    "identity.tenantId",
    "modifiedDate",
    "privateLinkScopedResources",
    "provisioningState",
    "sku.lastSkuUpdate",
    "systemData",
  ],
  regions: allRegions,

  check({ resource, previous }, azure) {
    if (!/^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/.test(resource.name)) {
      throw new ArmError(
        400,
        "InvalidResourceName",
        `The workspace name '${resource.name}' is not valid: it must have 4 to 63 letters, digits and hyphens, and ` +
          "must not start or end with a hyphen.",
      );
    }
    const days = resource.properties.retentionInDays as number | undefined;
    // "Manage data retention in a Log Analytics workspace": 30 to 730 days in the current tiers.
    if (days !== undefined && (days < 30 || days > 730)) {
      throw new ArmError(
        400,
        "InvalidParameter",
        `'RetentionInDays' property doesn't match the SKU limits: it must be 30 to 730 days, not ${days}.`,
      );
    }
    const kept = previous ? undefined : findDeleted(deletedWorkspaces.id(resource, azure), azure);
    if (kept && kept.location !== resource.location) {
      // "The name is kept for 14 days and cannot be used for another workspace." Azure's code is not documented.
      throw new ArmError(
        409,
        "Conflict",
        `The name '${resource.name}' is kept for a deleted workspace in '${kept.location}'. Recover that one, or wait.`,
      );
    }
  },

  complete(draft, azure) {
    const { resource } = draft;
    const recovered = findDeleted(deletedWorkspaces.id(resource, azure), azure)?.softDeleted?.resource;
    const previous = draft.previous ?? recovered;
    const now = new Date(azure.clock.now()).toISOString();
    resource.properties = {
      sku: { name: "PerGB2018" },
      retentionInDays: 30,
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      workspaceCapping: { dailyQuotaGb: -1 },
      features: { enableLogAccessUsingOnlyResourcePermissions: true },
      // A recovered workspace has its old settings, where the new ones do not differ.
      ...recovered?.properties,
      ...resource.properties,
      customerId: previous?.properties.customerId ?? randomUUID(),
      createdDate: previous?.properties.createdDate ?? now,
      modifiedDate: now,
      provisioningState: "Succeeded",
    };
  },

  stored({ resource }, azure) {
    azure.resources.delete(deletedWorkspaces.id(resource, azure));
  },

  deleted(resource, azure) {
    keepDeleted(deletedWorkspaces, resource, azure);
  },
};
