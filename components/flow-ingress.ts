import { Api } from "@pulumi/azure-native/apimanagement/api.js";
import { ApiDiagnostic } from "@pulumi/azure-native/apimanagement/apiDiagnostic.js";
import { ApiManagementService } from "@pulumi/azure-native/apimanagement/apiManagementService.js";
import { ApiOperation } from "@pulumi/azure-native/apimanagement/apiOperation.js";
import { ApiPolicy } from "@pulumi/azure-native/apimanagement/apiPolicy.js";
import { Backend } from "@pulumi/azure-native/apimanagement/backend.js";
import * as pulumi from "@pulumi/pulumi";
import type { FlowApiDefinition, FlowOperation } from "../settings/flow-api-definition.ts";
import { builtInRoles } from "./built-in-roles.ts";
import { flowPolicy, subscriptionKeyNames } from "./flow-policy.ts";
import { assignRole } from "./roles.ts";

/** Arguments of {@link FlowIngress}. */
export interface FlowIngressArgs {
  /** Name of the resource group of the gateway. */
  resourceGroupName: pulumi.Input<string>;
  /** Region of the gateway: that of the Flow API. */
  location: "norwayeast";
  /** Name of the API Management service: 1 to 50 characters, unique in Azure. Terminals call NAME.azure-api.net. */
  serviceName: pulumi.Input<string>;
  /** Tier. Both are v2 tiers: the older ones limit the number of subscriptions, or cost many times as much. */
  sku: "BasicV2" | "StandardV2";
  /** Units of the tier: 1 to 10. */
  units: number;
  /** The publisher that API Management shows and writes to. */
  publisher: {
    /** Name: 1 to 100 characters. */
    name: string;
    /** E-mail address that receives the service's notifications. */
    email: string;
  };
  /**
   * URL of the Flow API: https, without a slash at its end.
   * @example "https://flow.example.com/api"
   */
  backendUrl: string;
  /**
   * Application ID URI of the Flow API in Entra ID, api://CLIENT-ID for a new application. The gateway's managed identity
   * requests its tokens for it.
   * @example "api://11111111-2222-3333-4444-555555555555"
   */
  backendAudience: string;
  /** Operations of the Flow API and the maximum size of a request. Setting `flowApiDefinition`. */
  definition: FlowApiDefinition;
  /** Calls a minute that one terminal may make: 1 to 6000. */
  callsPerMinute: number;
  /** The key table: it holds a hash of each terminal's Flow key. */
  keyTable: {
    /** Resource ID of the table: the scope of the gateway's role. */
    id: pulumi.Input<string>;
    /** URL of the table service, for example https://NAME.table.core.windows.net/ */
    endpoint: pulumi.Input<string>;
    /** Name of the table. */
    name: pulumi.Input<string>;
  };
  /** Subscription of the stack: role definitions are looked up in it. */
  subscriptionId: pulumi.Input<string>;
  /** Tags of the service: at most 50. */
  tags: Record<string, string>;
}

/**
 * Stops the calls of a Flow API that fails: after 20 failed calls in a minute, the gateway answers 503 at once for 15
 * seconds. A timeout counts as 500. Each unit of the gateway counts by itself. Source: api-management/backends.
 */
const circuitBreaker = {
  rules: [
    {
      name: "flow-api-fails",
      failureCondition: { count: 20, interval: "PT1M", statusCodeRanges: [{ min: 500, max: 599 }] },
      tripDuration: "PT15S",
    },
  ],
};

/**
 * The public gateway of the Flow API. It checks two keys on every call, the customer's subscription key and the
 * terminal's Flow key, and caches no result.
 *
 * @example
 * new FlowIngress("flow", {
 *   resourceGroupName: "rg-flow-dev",
 *   location: "norwayeast",
 *   serviceName: "apim-flow-dev-abc123",
 *   sku: "BasicV2",
 *   units: 1,
 *   publisher: { name: "Example Operator", email: "operations@example.com" },
 *   backendUrl: "https://flow.example.com",
 *   backendAudience: "api://11111111-2222-3333-4444-555555555555",
 *   definition: settings.flowApiDefinition,
 *   callsPerMinute: 120,
 *   keyTable: { id: keyTable.tableId, endpoint: keyTable.tableEndpoint, name: keyTable.tableName },
 *   subscriptionId: getClientConfigOutput().subscriptionId,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class FlowIngress extends pulumi.ComponentResource {
  /** Resource ID of the API Management service. */
  readonly serviceId: pulumi.Output<string>;
  /** Resource ID of the API: the scope of the customers' subscriptions. */
  readonly apiId: pulumi.Output<string>;
  /** URL that terminals call, for example https://NAME.azure-api.net/flow */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: FlowIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:FlowIngress", name, {}, opts);
    const parent = { parent: this };
    // Only the service and the API hold what cannot be recreated: the host name and the customers' subscription keys.
    const replaceable = { parent: this, protect: false };

    const service = gatewayService(name, args, parent);
    const inService = { resourceGroupName: args.resourceGroupName, serviceName: service.name };
    grantTableRead(name, service, args, replaceable);
    const backend = flowBackend(name, inService, args.backendUrl, replaceable);
    const api = flowApi(name, inService, parent);
    const inApi = { ...inService, apiId: api.name };
    // One change after the other: API Management refuses a change of an API while another one is in progress (409
    // PessimisticConcurrencyConflict), and azure-native does not retry this. The policy comes before the operations:
    // without it, the API would check the subscription key only.
    let previous: pulumi.Resource = apiPolicy(name, inApi, backend, args, replaceable);
    for (const operation of args.definition.operations) {
      previous = apiOperation(name, inApi, operation, { ...replaceable, dependsOn: previous });
    }

    gatewayLog(name, inApi, service, { ...replaceable, dependsOn: previous });

    this.serviceId = service.id;
    this.apiId = api.id;
    this.url = pulumi.interpolate`${service.gatewayUrl}/${api.path}`;
    this.registerOutputs({ serviceId: this.serviceId, apiId: this.apiId, url: this.url });
  }
}

type ServiceScope = Record<"resourceGroupName" | "serviceName", pulumi.Input<string>>;
type ApiScope = ServiceScope & Record<"apiId", pulumi.Input<string>>;

function gatewayService(
  name: string,
  args: FlowIngressArgs,
  opts: pulumi.CustomResourceOptions,
): ApiManagementService {
  return new ApiManagementService(
    `${name}-service`,
    {
      resourceGroupName: args.resourceGroupName,
      serviceName: args.serviceName,
      location: args.location,
      sku: { name: args.sku, capacity: args.units },
      publisherName: args.publisher.name,
      publisherEmail: args.publisher.email,
      identity: { type: "SystemAssigned" },
      // Older versions of the management API return secrets in their answers.
      apiVersionConstraint: { minApiVersion: "2021-08-01" },
      // Terminals call it from the internet. The v2 tiers accept TLS 1.2 and 1.3 only, with fixed ciphers.
      publicNetworkAccess: "Enabled",
      developerPortalStatus: "Disabled",
      legacyPortalStatus: "Disabled",
      tags: args.tags,
    },
    opts,
  );
}

function grantTableRead(
  name: string,
  service: ApiManagementService,
  args: FlowIngressArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  assignRole(
    `${name}-reads-keys`,
    {
      scope: args.keyTable.id,
      role: builtInRoles["Storage Table Data Reader"],
      principalId: service.identity.apply((identity) => identity!.principalId),
      principalType: "ServicePrincipal",
      subscriptionId: args.subscriptionId,
      description: "The gateway looks up terminals' Flow keys.",
    },
    opts,
  );
}

function flowBackend(
  name: string,
  scope: ServiceScope,
  url: string,
  opts: pulumi.CustomResourceOptions,
): Backend {
  return new Backend(
    `${name}-backend`,
    {
      ...scope,
      backendId: "flow",
      title: "Flow API",
      description: "Answers the terminals' live lookups.",
      protocol: "http",
      url,
      tls: { validateCertificateChain: true, validateCertificateName: true },
      circuitBreaker,
    },
    opts,
  );
}

function flowApi(name: string, scope: ServiceScope, opts: pulumi.CustomResourceOptions): Api {
  return new Api(
    `${name}-api`,
    {
      ...scope,
      apiId: "flow",
      path: "flow",
      displayName: "Flow",
      description: "Live lookups for terminals.",
      protocols: ["https"],
      subscriptionRequired: true,
      subscriptionKeyParameterNames: subscriptionKeyNames,
    },
    opts,
  );
}

function apiPolicy(
  name: string,
  scope: ApiScope,
  backend: Backend,
  args: FlowIngressArgs,
  opts: pulumi.CustomResourceOptions,
): ApiPolicy {
  return new ApiPolicy(
    `${name}-policy`,
    {
      ...scope,
      policyId: "policy",
      format: "xml",
      value: pulumi
        .all([args.keyTable.endpoint, args.keyTable.name, backend.name])
        .apply(([tableEndpoint, tableName, backendId]) =>
          flowPolicy({
            tableEndpoint,
            tableName,
            backendId,
            backendAudience: args.backendAudience,
            callsPerMinute: args.callsPerMinute,
            maxRequestBytes: args.definition.maxRequestBytes,
          }),
        ),
    },
    opts,
  );
}

/**
 * What the gateway's log (ApiManagementGatewayLogs) says of a call beside times and results: the terminal that the caller
 * names, and the terminal and customer that the gateway told the Flow API. No body, no other header and no value of a query.
 * Without these settings, Azure logs URLs with their query (api-management/api-management-howto-use-azure-monitor).
 */
function gatewayLog(
  name: string,
  scope: ApiScope,
  service: ApiManagementService,
  opts: pulumi.CustomResourceOptions,
): ApiDiagnostic {
  const noBody = { body: { bytes: 0 } };
  const noQuery = { dataMasking: { queryParams: [{ mode: "Hide", value: "*" }] } };
  return new ApiDiagnostic(
    `${name}-log`,
    {
      ...scope,
      diagnosticId: "azuremonitor",
      // Every service has this logger.
      loggerId: pulumi.interpolate`${service.id}/loggers/azuremonitor`,
      alwaysLog: "allErrors",
      sampling: { samplingType: "fixed", percentage: 100 },
      verbosity: "information",
      logClientIp: true,
      frontend: {
        request: { headers: ["X-Terminal-Id"], ...noBody, ...noQuery },
        response: { headers: ["X-Request-Id"], ...noBody },
      },
      backend: {
        request: { headers: ["X-Terminal-Id", "X-Customer-Id"], ...noBody, ...noQuery },
        response: { headers: [], ...noBody },
      },
    },
    opts,
  );
}

/** An operation of the Flow API. The gateway answers 404 to methods and paths of which it has no operation. */
function apiOperation(
  name: string,
  scope: ApiScope,
  { id, summary, method, path, parameters }: FlowOperation,
  opts: pulumi.CustomResourceOptions,
): ApiOperation {
  return new ApiOperation(
    `${name}-${id}`,
    {
      ...scope,
      operationId: id,
      displayName: summary,
      method,
      urlTemplate: path,
      templateParameters: parameters.map((parameter) => ({
        name: parameter,
        type: "string",
        required: true,
      })),
    },
    opts,
  );
}
