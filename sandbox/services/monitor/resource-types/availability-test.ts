import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import { allRegions } from "../../../resource-manager/regions.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, location, optional, tags, text, whole } from "../../../resource-manager/shared-inputs.ts";

const noTelemetry = "the sandbox takes no telemetry";
const access = z.enum(["Enabled", "Disabled"]);

/** Microsoft.Insights/components: Application Insights, which stores the results of availability tests. */
export const insightsComponent: ResourceType = {
  type: "Microsoft.Insights/components",
  token: "azure-native:applicationinsights:Component",
  apiVersion: "2020-02-02",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/components/{resourceName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    kind: noEffect(text, noTelemetry),
    applicationType: noEffect(z.enum(["web", "other"]), noTelemetry),
    tags: tags.optional(),
    ...optional({
      disableIpMasking: noEffect(flag, noTelemetry),
      disableLocalAuth: noEffect(flag, noTelemetry),
      flowType: noEffect(z.enum(["Bluefield"]), noTelemetry),
      ingestionMode: restricted(z.enum(["LogAnalytics"]), "components without a workspace are refused"),
      publicNetworkAccessForIngestion: noEffect(access, noTelemetry),
      publicNetworkAccessForQuery: noEffect(access, noTelemetry),
      requestSource: noEffect(z.enum(["rest"]), noTelemetry),
      retentionInDays: noEffect(whole, noTelemetry),
      samplingPercentage: noEffect(z.number(), noTelemetry),
      workspaceResourceId: noEffect(text, "must be a workspace that exists"),
    }).shape,
  }),
  topLevel: ["location", "tags", "kind"],
  renames: {
    applicationType: "Application_Type",
    disableIpMasking: "DisableIpMasking",
    disableLocalAuth: "DisableLocalAuth",
    flowType: "Flow_Type",
    ingestionMode: "IngestionMode",
    requestSource: "Request_Source",
    retentionInDays: "RetentionInDays",
    samplingPercentage: "SamplingPercentage",
    workspaceResourceId: "WorkspaceResourceId",
  },
  replaceOn: ["location"],
  computed: [
    "appId",
    "applicationId",
    "connectionString",
    "creationDate",
    "etag",
    "hockeyAppToken",
    "instrumentationKey",
    "laMigrationDate",
    "name",
    "privateLinkScopedResources",
    "provisioningState",
    "tenantId",
  ],
  regions: allRegions,

  check({ resource }, azure) {
    checkName(resource.name);
    const workspace = String(resource.properties.WorkspaceResourceId);
    if (azure.resources.get(workspace)?.type === "Microsoft.OperationalInsights/workspaces") return;
    throw new ArmError(
      400,
      "InvalidParameter",
      `The workspace '${workspace}' of the component was not found.`,
    );
  },

  complete({ resource, previous }, azure) {
    const known = previous?.properties;
    const key = known?.InstrumentationKey ?? randomUUID();
    resource.properties = {
      Flow_Type: "Bluefield",
      IngestionMode: "LogAnalytics",
      Request_Source: "rest",
      RetentionInDays: 90,
      ...resource.properties,
      AppId: known?.AppId ?? randomUUID(),
      ApplicationId: resource.name,
      InstrumentationKey: key,
      ConnectionString: `InstrumentationKey=${key};IngestionEndpoint=https://${resource.location}-0.in.applicationinsights.azure.com/`,
      CreationDate: known?.CreationDate ?? new Date(azure.clock.now()).toISOString(),
      TenantId: azure.subscriptionId,
      provisioningState: "Succeeded",
    };
  },
};

const notRun = "the sandbox runs no availability tests";

/** Microsoft.Insights/webtests: a standard test, checked as in Azure. The sandbox does not run it. */
export const availabilityTest: ResourceType = {
  type: "Microsoft.Insights/webtests",
  token: "azure-native:applicationinsights:WebTest",
  apiVersion: "2022-06-15",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Insights/webtests/{webTestName}",
  autoName: "random",
  inputs: z.strictObject({
    location,
    locations: noEffect(z.array(z.strictObject({ location: text })).min(1), notRun),
    syntheticMonitorId: noEffect(text, "must be the name of the test"),
    webTestKind: restricted(z.enum(["standard", "ping", "multistep"]), "everything but standard is refused"),
    tags: tags.optional(),
    ...optional({
      description: noEffect(text, "a text for people"),
      enabled: noEffect(flag, notRun),
      frequency: noEffect(whole, notRun),
      kind: restricted(z.enum(["standard", "ping", "multistep"]), "everything but standard is refused"),
      request: noEffect(
        optional({
          followRedirects: flag,
          headers: z.array(optional({ headerFieldName: text, headerFieldValue: text })),
          httpVerb: text,
          parseDependentRequests: flag,
          requestBody: text,
          requestUrl: z.url(),
        }),
        notRun,
      ),
      retryEnabled: noEffect(flag, notRun),
      timeout: noEffect(whole, notRun),
      validationRules: noEffect(
        optional({
          contentValidation: optional({ contentMatch: text, ignoreCase: flag, passIfTextFound: flag }),
          expectedHttpStatusCode: whole,
          ignoreHttpStatusCode: flag,
          sSLCertRemainingLifetimeCheck: whole.min(1).max(365),
          sSLCheck: flag,
        }),
        notRun,
      ),
    }).shape,
  }),
  topLevel: ["location", "tags", "kind"],
  renames: {
    syntheticMonitorId: "SyntheticMonitorId",
    webTestKind: "Kind",
    description: "Description",
    enabled: "Enabled",
    frequency: "Frequency",
    timeout: "Timeout",
    retryEnabled: "RetryEnabled",
    locations: "Locations",
    request: "Request",
    followRedirects: "FollowRedirects",
    headers: "Headers",
    headerFieldName: "key",
    headerFieldValue: "value",
    httpVerb: "HttpVerb",
    parseDependentRequests: "ParseDependentRequests",
    requestBody: "RequestBody",
    requestUrl: "RequestUrl",
    validationRules: "ValidationRules",
    contentValidation: "ContentValidation",
    contentMatch: "ContentMatch",
    ignoreCase: "IgnoreCase",
    passIfTextFound: "PassIfTextFound",
    expectedHttpStatusCode: "ExpectedHttpStatusCode",
    ignoreHttpStatusCode: "IgnoreHttpStatusCode",
    sSLCertRemainingLifetimeCheck: "SSLCertRemainingLifetimeCheck",
    sSLCheck: "SSLCheck",
  },
  replaceOn: ["location"],
  computed: ["name", "provisioningState"],
  regions: allRegions,

  check({ resource }, azure) {
    checkName(resource.name);
    const { Kind, Frequency, Timeout, Request } = resource.properties;
    if (Kind !== "standard" || (resource.kind ?? "standard") !== "standard") {
      throw new NotInSandboxError("availability tests other than standard ones");
    }
    // Source: azure-monitor/app/availability-overview. 300 seconds is the default.
    if (Frequency !== undefined && ![300, 600, 900].includes(Frequency as number)) {
      throw bad(`The frequency of a test is 300, 600 or 900 seconds, not ${String(Frequency)}.`);
    }
    if (Timeout !== undefined && ((Timeout as number) < 1 || (Timeout as number) > 120)) {
      throw bad("The timeout of a test is 1 to 120 seconds.");
    }
    if (!(Request as { RequestUrl?: string } | undefined)?.RequestUrl)
      throw bad("A standard test needs a request URL.");
    const link = Object.keys((resource.tags ?? {}) as object).find((tag) => tag.startsWith("hidden-link:"));
    const component = azure.resources.get(link?.slice("hidden-link:".length) ?? "");
    if (component?.type !== "Microsoft.Insights/components") {
      throw bad(
        "A test needs the tag 'hidden-link:COMPONENT-ID' of an Application Insights component that exists.",
      );
    }
    if (component.location !== resource.location) {
      throw bad(`A test must be in the region of its component, ${String(component.location)}.`);
    }
  },

  complete({ resource }) {
    resource.properties = {
      Enabled: true,
      Frequency: 300,
      Timeout: 30,
      ...resource.properties,
      provisioningState: "Succeeded",
    };
  },
};

function checkName(name: string): void {
  if (!/^[^%&\\?/]{0,259}[^%&\\?/ .]$/.test(name)) throw bad(`'${name}' is not a valid name.`);
}

function bad(message: string): ArmError {
  return new ArmError(400, "BadRequest", message);
}
