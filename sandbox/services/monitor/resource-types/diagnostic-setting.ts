import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { Draft, ResourceType } from "../../../resource-manager/resource-type.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";
import { monitoredTypes } from "../monitor-catalog.ts";

const retentionPolicy = z.strictObject({ days: whole.min(0), enabled: flag });

const noMetrics = "checked against the resource's categories; the sandbox sends no metrics";
const sentLogs = "the logs that the sandbox has of these categories reach the workspace";

interface Category {
  category?: string;
  categoryGroup?: string;
  enabled: boolean;
  retentionPolicy?: { enabled: boolean };
}

/** Microsoft.Insights/diagnosticSettings: checked as in Azure. ../monitor-data.ts sends the logs. */
export const diagnosticSetting: ResourceType = {
  type: "Microsoft.Insights/diagnosticSettings",
  token: "azure-native:monitor:DiagnosticSetting",
  apiVersion: "2021-05-01-preview",
  path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
  autoName: "copy",
  inputs: optional({
    eventHubAuthorizationRuleId: restricted(text, "event hubs are refused as a destination"),
    eventHubName: noEffect(text, "event hubs are refused as a destination"),
    logAnalyticsDestinationType: noEffect(
      z.enum(["Dedicated", "AzureDiagnostics"]),
      "the logs that the sandbox has go to one table each",
    ),
    logs: enforced(
      z.array(
        z.strictObject({
          category: text.optional(),
          categoryGroup: text.optional(),
          enabled: flag,
          retentionPolicy: retentionPolicy.optional(),
        }),
      ),
      sentLogs,
    ),
    metrics: noEffect(
      z.array(
        z.strictObject({
          category: text.optional(),
          enabled: flag,
          retentionPolicy: retentionPolicy.optional(),
          timeGrain: text.optional(),
        }),
      ),
      noMetrics,
    ),
    storageAccountId: noEffect(text, "must exist; the sandbox sends it no logs or metrics"),
    workspaceId: enforced(text, "must exist; it gets the logs"),
  }),
  topLevel: [],
  computed: ["systemData"],
  // "Diagnostic settings in Azure Monitor": delete them before the resource, because a resource that is created again
  // under the same ID can get the settings of the deleted one.
  outlivesTarget: true,

  check(draft, azure) {
    checkDestinations(draft.resource, azure);
    checkCategories(draft, azure);
    checkConflicts(draft, azure);
  },

  complete({ resource }) {
    resource.properties = { logs: [], metrics: [], ...resource.properties };
  },
};

function checkDestinations({ properties }: Resource, azure: AzureEnvironment): void {
  const { workspaceId, storageAccountId, eventHubAuthorizationRuleId } = properties;
  if (eventHubAuthorizationRuleId !== undefined)
    throw new NotInSandboxError("event hubs as a destination of logs");
  const destinations = [workspaceId, storageAccountId].filter((id) => id !== undefined) as string[];
  if (destinations.length === 0) {
    throw bad("At least one data sink needs to be specified: workspaceId or storageAccountId.");
  }
  for (const id of destinations) {
    if (!azure.resources.get(id))
      throw new ArmError(404, "ResourceNotFound", `The resource '${id}' was not found.`);
  }
}

function checkCategories({ resource, names }: Draft, azure: AzureEnvironment): void {
  const target = azure.resources.get(`/${(names.resourceUri as string).replace(/^\//, "")}`);
  const supported = target && monitoredTypes[target.type];
  if (!supported || (supported.logs.length === 0 && supported.metricCategories.length === 0)) {
    throw bad(
      `The resource type '${target?.type}' does not support diagnostic settings.`,
      "ResourceNotSupported",
    );
  }
  const logs = (resource.properties.logs ?? []) as Category[];
  const metrics = (resource.properties.metrics ?? []) as Category[];
  if (![...logs, ...metrics].some(({ enabled }) => enabled)) throw bad("No category is enabled.");
  for (const { category, categoryGroup } of logs) {
    if ((category === undefined) === (categoryGroup === undefined)) {
      throw bad("A log setting needs either a category or a categoryGroup.");
    }
    if (category !== undefined && !supported.logs.includes(category)) {
      throw bad(`Category '${category}' is not supported, supported are: ${supported.logs.join(", ")}.`);
    }
    if (
      categoryGroup !== undefined &&
      (supported.logs.length === 0 || !["allLogs", "audit"].includes(categoryGroup))
    ) {
      throw bad(`Category group '${categoryGroup}' is not supported by '${target?.type}'.`);
    }
  }
  if (logs.some(({ category }) => category) && logs.some(({ categoryGroup }) => categoryGroup)) {
    throw bad("A diagnostic setting can have either categories or category groups, not both.");
  }
  for (const { category } of metrics) {
    if (!supported.metricCategories.includes(category ?? "")) {
      throw bad(
        `Metric category '${category}' is not supported, supported are: ${supported.metricCategories.join(", ")}.`,
      );
    }
  }
  if ([...logs, ...metrics].some((each) => each.retentionPolicy?.enabled)) {
    throw bad("Diagnostic settings does not support retention for new diagnostic settings.");
  }
}

/** Checks a setting against the other settings of the same resource. */
function checkConflicts({ resource, previous }: Draft, azure: AzureEnvironment): void {
  const folder = resource.id.slice(0, resource.id.lastIndexOf("/") + 1).toLowerCase();
  const others = azure.resources
    .list(resource.type)
    .filter(
      ({ id }) => id.toLowerCase().startsWith(folder) && id.toLowerCase() !== resource.id.toLowerCase(),
    );
  // "Diagnostic settings in Azure Monitor": up to five for each resource.
  if (!previous && others.length >= 5) throw bad("A resource can have at most five diagnostic settings.");
  const categories = ({ properties }: Resource) =>
    [properties.logs, properties.metrics]
      .flatMap((list) => (list ?? []) as Category[])
      .filter(({ enabled }) => enabled)
      .map(({ category, categoryGroup }) => category ?? categoryGroup);
  for (const sink of ["workspaceId", "storageAccountId"]) {
    for (const other of others) {
      if (resource.properties[sink] === undefined || other.properties[sink] !== resource.properties[sink])
        continue;
      const shared = categories(other).find((category) => categories(resource).includes(category));
      if (shared === undefined) continue;
      throw new ArmError(
        409,
        "Conflict",
        `Data sink '${String(other.properties[sink])}' is already used in diagnostic setting '${other.name}' for ` +
          `category '${shared}'. Data sinks can't be reused in different settings on the same category for the ` +
          "same resource.",
      );
    }
  }
}

function bad(message: string, code = "BadRequest"): ArmError {
  return new ArmError(400, code, message);
}
