import { Api } from "@pulumi/azure-native/apimanagement/api.js";
import { ApiManagementService } from "@pulumi/azure-native/apimanagement/apiManagementService.js";
import { ApiOperation } from "@pulumi/azure-native/apimanagement/apiOperation.js";
import { ApiPolicy } from "@pulumi/azure-native/apimanagement/apiPolicy.js";
import { Backend } from "@pulumi/azure-native/apimanagement/backend.js";
import * as pulumi from "@pulumi/pulumi";
import { builtInRoles } from "./built-in-roles.ts";
import { flowPolicy } from "./flow-policy.ts";
import { assignRole } from "./roles.ts";

/** Arguments of {@link FlowIngress}. */
export interface FlowIngressArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; Norway East. */
  location: string;
  /** Name of the API Management service, unique in Azure; terminals call NAME.azure-api.net. */
  serviceName: pulumi.Input<string>;
  /** Tier; both are of the second generation, the only one with the limits and the price that fit. */
  sku: "BasicV2" | "StandardV2";
  /** Units of the tier. */
  units: number;
  publisher: { name: string; email: string };
  /** Where the Flow API is: an https URL. */
  backendUrl: string;
  /** Application ID URI of the Flow API: the gateway's managed identity signs in to it. */
  backendAudience: string;
  /** Calls a minute that one terminal may make. */
  callsPerMinute: number;
  /** The table of key hashes. */
  keyTable: {
    id: pulumi.Input<string>;
    endpoint: pulumi.Input<string>;
    name: pulumi.Input<string>;
  };
  subscriptionId: pulumi.Input<string>;
  tags: Record<string, string>;
}

/** Methods of a live lookup. Anything else never reaches the Flow API. */
const methods = ["GET", "POST"] as const;

/** The public door of the Flow API: two keys, looked at on every call, and nothing kept from one to the next. */
export class FlowIngress extends pulumi.ComponentResource {
  /** Resource ID of the API Management service. */
  readonly serviceId: pulumi.Output<string>;
  /** Resource ID of the API: the scope of the customers' subscriptions. */
  readonly apiId: pulumi.Output<string>;
  /** What terminals call, for example https://NAME.azure-api.net/flow */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: FlowIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:FlowIngress", name, {}, opts);
    const { resourceGroupName, keyTable } = args;
    // Only the service and the API hold what cannot be made again: the host name and the customers' keys.
    const replaceable = { parent: this, protect: false };

    const service = new ApiManagementService(
      `${name}-service`,
      {
        resourceGroupName,
        serviceName: args.serviceName,
        location: args.location,
        sku: { name: args.sku, capacity: args.units },
        publisherName: args.publisher.name,
        publisherEmail: args.publisher.email,
        identity: { type: "SystemAssigned" },
        // Older management calls return secrets along with what was asked for.
        apiVersionConstraint: { minApiVersion: "2021-08-01" },
        // It is the public door; the v2 tiers speak TLS 1.2 and 1.3 only, with ciphers that cannot be changed.
        publicNetworkAccess: "Enabled",
        developerPortalStatus: "Disabled",
        legacyPortalStatus: "Disabled",
        tags: args.tags,
      },
      { parent: this },
    );
    const inService = { resourceGroupName, serviceName: service.name };

    assignRole(
      `${name}-reads-keys`,
      {
        scope: keyTable.id,
        role: builtInRoles["Storage Table Data Reader"],
        principalId: service.identity.apply((identity) => identity!.principalId),
        principalType: "ServicePrincipal",
        subscriptionId: args.subscriptionId,
        description: "The gateway looks up terminals' Flow keys.",
      },
      replaceable,
    );

    const backend = new Backend(
      `${name}-backend`,
      {
        ...inService,
        backendId: "flow",
        title: "Flow API",
        description: "Answers the terminals' live lookups.",
        protocol: "http",
        url: args.backendUrl,
        tls: { validateCertificateChain: true, validateCertificateName: true },
      },
      replaceable,
    );

    const api = new Api(
      `${name}-api`,
      {
        ...inService,
        apiId: "flow",
        path: "flow",
        displayName: "Flow",
        description: "Live lookups for terminals.",
        protocols: ["https"],
        subscriptionRequired: true,
        subscriptionKeyParameterNames: { header: "Ocp-Apim-Subscription-Key", query: "subscription-key" },
      },
      { parent: this },
    );
    const inApi = { ...inService, apiId: api.name };

    const policy = new ApiPolicy(
      `${name}-policy`,
      {
        ...inApi,
        policyId: "policy",
        format: "xml",
        value: pulumi
          .all([keyTable.endpoint, keyTable.name, backend.name])
          .apply(([tableEndpoint, tableName, backendId]) =>
            flowPolicy({
              tableEndpoint,
              tableName,
              backendId,
              backendAudience: args.backendAudience,
              callsPerMinute: args.callsPerMinute,
            }),
          ),
      },
      replaceable,
    );

    for (const method of methods) {
      new ApiOperation(
        `${name}-${method.toLowerCase()}`,
        {
          ...inApi,
          operationId: `lookup-${method.toLowerCase()}`,
          displayName: `Look up (${method})`,
          method,
          urlTemplate: "/*",
        },
        // Without its policy the API would have one door only: no call can reach it before.
        { ...replaceable, dependsOn: policy },
      );
    }

    this.serviceId = service.id;
    this.apiId = api.id;
    this.url = pulumi.interpolate`${service.gatewayUrl}/${api.path}`;
    this.registerOutputs({ serviceId: this.serviceId, apiId: this.apiId, url: this.url });
  }
}
