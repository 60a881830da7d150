import { expect, test } from "vitest";
import { TerminalHub } from "../../components/terminal-hub.ts";
import { countTypes, deploy, find, outputValue } from "./deployment.ts";

test("declares one IoT Hub in West Europe that accepts device keys over TLS 1.2, and no other keys", async () => {
  const { resources, result } = await deploy(
    () =>
      new TerminalHub("terminals", {
        resourceGroupName: "rg-terminals-dev",
        location: "westeurope",
        hubName: "iot-terminals-dev",
        sku: "S2",
        units: 3,
        allowedOutboundHosts: ["stimportsdev.blob.core.windows.net"],
        tags: { owner: "example" },
      }),
  );
  expect(countTypes(resources)).toEqual({
    "terminal-fleet:components:TerminalHub": 1,
    "azure-native:iothub:IotHubResource": 1,
  });
  expect(find(resources, "terminals-hub").inputs).toEqual({
    resourceGroupName: "rg-terminals-dev",
    resourceName: "iot-terminals-dev",
    location: "westeurope",
    sku: { name: "S2", capacity: 3 },
    properties: {
      minTlsVersion: "1.2",
      disableLocalAuth: true,
      disableModuleSAS: true,
      disableDeviceSAS: false,
      publicNetworkAccess: "Enabled",
      restrictOutboundNetworkAccess: true,
      allowedFqdnList: ["stimportsdev.blob.core.windows.net"],
      eventHubEndpoints: { events: { partitionCount: 4, retentionTimeInDays: 1 } },
      enableFileUploadNotifications: false,
    },
    tags: { owner: "example" },
  });
  expect(await outputValue(result.hostName)).toBe("iot-terminals-dev.azure-devices.net");
  expect(await outputValue(result.hubId)).toMatch(/\/IotHubs\/iot-terminals-dev$/);
});
