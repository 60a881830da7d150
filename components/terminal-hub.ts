import { IotHubResource } from "@pulumi/azure-native/iothub/iotHubResource.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link TerminalHub}. */
export interface TerminalHubArgs {
  /** Name of the resource group of the IoT Hub. */
  resourceGroupName: pulumi.Input<string>;
  /** Region. Device twins name customers and sites, so they stay in West Europe. */
  location: "westeurope";
  /** Name of the IoT Hub: 3 to 50 characters, unique in Azure. Terminals connect to NAME.azure-devices.net. */
  hubName: pulumi.Input<string>;
  /** Tier. Azure does not change an IoT Hub between these and the Basic tiers. */
  sku: "S1" | "S2" | "S3";
  /** Units of the tier: 1 to 200, with S3 1 to 10. */
  units: number;
  /**
   * Host names that the IoT Hub may connect to, for its import jobs. It connects to no other host.
   * @example ["stimportsdevabc123.blob.core.windows.net"]
   */
  allowedOutboundHosts: pulumi.Input<string>[];
  /** Tags of the IoT Hub: at most 50. */
  tags: Record<string, string>;
}

/**
 * The IoT Hub, to which every terminal connects with its own device key.
 *
 * @example
 * new TerminalHub("terminals", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   hubName: "iot-terminals-dev-abc123",
 *   sku: "S1",
 *   units: 1,
 *   allowedOutboundHosts: ["stimportsdevabc123.blob.core.windows.net"],
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class TerminalHub extends pulumi.ComponentResource {
  /** Resource ID of the IoT Hub. */
  readonly hubId: pulumi.Output<string>;
  /** Host name that terminals connect to, for example NAME.azure-devices.net */
  readonly hostName: pulumi.Output<string>;

  constructor(name: string, args: TerminalHubArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:TerminalHub", name, {}, opts);

    const hub = new IotHubResource(
      `${name}-hub`,
      {
        resourceGroupName: args.resourceGroupName,
        resourceName: args.hubName,
        location: args.location,
        sku: { name: args.sku, capacity: args.units },
        properties: {
          minTlsVersion: "1.2",
          // Operators sign in with Entra ID, and there are no modules. So no key opens the service API or a module.
          disableLocalAuth: true,
          disableModuleSAS: true,
          // A terminal signs in with its device key: IoT Hub offers devices no Entra ID.
          disableDeviceSAS: false,
          // Terminals connect from behind customers' firewalls, from addresses that are not known in advance.
          publicNetworkAccess: "Enabled",
          restrictOutboundNetworkAccess: true,
          allowedFqdnList: args.allowedOutboundHosts,
          // IoT Hub requires this endpoint. One day is the shortest retention time of its messages.
          eventHubEndpoints: { events: { partitionCount: 4, retentionTimeInDays: 1 } },
          enableFileUploadNotifications: false,
        },
        tags: args.tags,
      },
      { parent: this },
    );
    // enableDataResidency is not set: Azure offers it in Brazil South and Southeast Asia only. A failover moves device
    // identities and twins, but no files, to North Europe, which is in the EU (iot-hub/iot-hub-ha-dr).

    this.hubId = hub.id;
    this.hostName = hub.properties.apply((properties) => properties.hostName);
    this.registerOutputs({ hubId: this.hubId, hostName: this.hostName });
  }
}
