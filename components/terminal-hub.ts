import { IotHubResource } from "@pulumi/azure-native/iothub/iotHubResource.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link TerminalHub}. */
export interface TerminalHubArgs {
  resourceGroupName: pulumi.Input<string>;
  /** Region; West Europe. */
  location: string;
  /** Name of the hub, 3 to 50 characters, unique in Azure; terminals connect to NAME.azure-devices.net. */
  hubName: pulumi.Input<string>;
  /** Tier: S1, S2 or S3. It cannot be changed to or from the Basic tiers. */
  sku: "S1" | "S2" | "S3";
  /** Units of the tier. */
  units: number;
  /** Host names that the hub itself may send to, for its import jobs; no other one is reached by it. */
  allowedOutboundHosts: pulumi.Input<string>[];
  tags: Record<string, string>;
}

/** The IoT Hub to which every terminal connects with a key of its own. */
export class TerminalHub extends pulumi.ComponentResource {
  /** Resource ID of the hub. */
  readonly hubId: pulumi.Output<string>;
  /** Where terminals connect, for example NAME.azure-devices.net */
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
          // No key opens the service side or a module: those sign in with Entra ID, or do not exist.
          disableLocalAuth: true,
          disableModuleSAS: true,
          // A terminal's own key is its way in; IoT Hub offers devices no Entra ID.
          disableDeviceSAS: false,
          // Terminals stand behind customers' firewalls, with addresses that nobody here knows.
          publicNetworkAccess: "Enabled",
          restrictOutboundNetworkAccess: true,
          allowedFqdnList: args.allowedOutboundHosts,
          // The service wants this endpoint declared; a day is the shortest time that it keeps messages.
          eventHubEndpoints: { events: { partitionCount: 4, retentionTimeInDays: 1 } },
          enableFileUploadNotifications: false,
        },
        tags: args.tags,
      },
      { parent: this },
    );
    // enableDataResidency stays unset: Azure offers it in Brazil South and Southeast Asia only. A failover goes
    // to North Europe, in the EU, and takes identities and twins along, but no files (iot-hub/iot-hub-ha-dr).

    this.hubId = hub.id;
    this.hostName = hub.properties.apply((properties) => properties.hostName);
    this.registerOutputs({ hubId: this.hubId, hostName: this.hostName });
  }
}
