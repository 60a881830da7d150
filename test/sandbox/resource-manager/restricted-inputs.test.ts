import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties, Value } from "../../../sandbox/pulumi-providers/provider.ts";
import { listInputs } from "../../../sandbox/resource-manager/input-effect.ts";
import { resourceTypes } from "../../../sandbox/resource-manager/resource-type-registry.ts";
import { deployStack } from "../pulumi-providers/fleet-stack.ts";
import { startEngine } from "../pulumi-providers/provider-client.ts";

/** A value for each restricted input that the sandbox must refuse. The path leads to the input or to one above it. */
const refusedValues: Record<string, Record<string, Value>> = {
  "apimanagement:ApiDiagnostic": {
    httpCorrelationProtocol: "W3C",
    loggerId: "/subscriptions/x/loggers/example-insights",
    metrics: true,
    operationNameFormat: "Url",
    "sampling.percentage": 50,
    "sampling.samplingType": "adaptive",
  },
  "applicationinsights:Component": { ingestionMode: "ApplicationInsights" },
  "applicationinsights:WebTest": { kind: "ping", webTestKind: "ping" },
  "iothub:IotHubResource": {
    "properties.enableFileUploadNotifications": true,
    "properties.minTlsVersion": "1.0",
    "properties.networkRuleSets.defaultAction": "Deny",
    "properties.routing.enrichments": [{ key: "a", value: "b", endpointNames: ["events"] }],
    "properties.routing.fallbackRoute.condition": "temperature > 30",
    "properties.routing.fallbackRoute.source": "TwinChangeEvents",
    "properties.routing.routes.condition": "temperature > 30",
    "properties.routing.routes.source": "TwinChangeEvents",
  },
  "storage:StorageAccount": {
    dnsEndpointType: "AzureDnsZone",
    enableNfsV3: true,
    "encryption.keySource": "Microsoft.Keyvault",
    isHnsEnabled: true,
    isSftpEnabled: true,
    "networkRuleSet.defaultAction": "Deny",
    "networkRuleSet.ipRules": ["192.0.2.1"],
    "networkRuleSet.virtualNetworkRules": ["subnet"],
    "routingPreference.publishInternetEndpoints": true,
    "routingPreference.publishMicrosoftEndpoints": true,
  },
  "storage:BlobServiceProperties": {
    automaticSnapshotPolicyEnabled: true,
    changeFeed: { enabled: true, retentionInDays: 7 },
    "cors.corsRules": [
      {
        allowedHeaders: ["*"],
        allowedMethods: ["GET"],
        allowedOrigins: ["https://example.com"],
        exposedHeaders: ["*"],
        maxAgeInSeconds: 60,
      },
    ],
    defaultServiceVersion: "2020-10-02",
    isVersioningEnabled: true,
    lastAccessTimeTrackingPolicy: { enable: true },
    restorePolicy: { enabled: true, days: 5 },
  },
  "storage:BlobContainer": {
    defaultEncryptionScope: "example",
    denyEncryptionScopeOverride: true,
    metadata: { owner: "operations" },
  },
  "storage:ManagementPolicy": {
    ...Object.fromEntries(
      ["enableAutoTierToHotFromCool", "tierToArchive", "tierToCold", "tierToCool", "tierToHot"].map(
        (name) => [
          `policy.rules.definition.actions.baseBlob.${name}`,
          name.startsWith("enable") ? true : { daysAfterModificationGreaterThan: 1 },
        ],
      ),
    ),
    ...Object.fromEntries(
      ["daysAfterLastAccessTimeGreaterThan", "daysAfterLastTierChangeGreaterThan"].map((name) => [
        `policy.rules.definition.actions.baseBlob.delete.${name}`,
        1,
      ]),
    ),
    ...Object.fromEntries(
      ["snapshot", "version"].flatMap((of) =>
        ["tierToArchive", "tierToCold", "tierToCool", "tierToHot"].map((name) => [
          `policy.rules.definition.actions.${of}.${name}`,
          { daysAfterCreationGreaterThan: 1 },
        ]),
      ),
    ),
    "policy.rules.definition.filters.blobIndexMatch": [{ name: "kind", op: "==", value: "log" }],
  },
  "storage:TableServiceProperties": {
    "cors.corsRules": [
      {
        allowedHeaders: ["*"],
        allowedMethods: ["GET"],
        allowedOrigins: ["https://example.com"],
        exposedHeaders: ["*"],
        maxAgeInSeconds: 60,
      },
    ],
  },
  "storage:Table": { signedIdentifiers: [{ id: "read", accessPolicy: { permission: "r" } }] },
  "apimanagement:ApiManagementService": {
    disableGateway: true,
    enableClientCertificate: true,
    natGatewayState: "Enabled",
    publicNetworkAccess: "Disabled",
    restore: true,
    virtualNetworkType: "External",
    zones: ["1"],
  },
  "apimanagement:Backend": {
    circuitBreaker: { rules: [{ name: "slow", tripDuration: "PT1M" }] },
    "credentials.certificate": ["thumbprint"],
    "credentials.certificateIds": ["id"],
    protocol: "soap",
    type: "Pool",
  },
  "apimanagement:Api": { apiRevision: "2", apiVersion: "v1", isCurrent: false },
  "apimanagement:Subscription": { allowTracing: true, ownerId: "/users/1" },
  "monitor:DiagnosticSetting": { eventHubAuthorizationRuleId: "/subscriptions/1/rule" },
  "authorization:RoleAssignment": { condition: "true", conditionVersion: "2.0" },
  "authorization:RoleDefinition": { roleType: "BuiltInRole" },
};

/** Accepted values of inputs around restricted ones, where the stack does not set them. */
const surroundings: Record<string, Record<string, Value>> = {
  "iothub:IotHubResource": {
    "properties.routing": {
      routes: [{ name: "all", source: "DeviceMessages", endpointNames: ["events"], isEnabled: true }],
      fallbackRoute: { source: "DeviceMessages", endpointNames: ["events"], isEnabled: true },
    },
    "properties.networkRuleSets": {
      applyToBuiltInEventHubEndpoint: true,
      defaultAction: "Allow",
      ipRules: [],
    },
  },
  "storage:StorageAccount": { "networkRuleSet.defaultAction": "Allow" },
};

let engine: Awaited<ReturnType<typeof startEngine>>;
let deployed: Awaited<ReturnType<typeof deployStack>>["resources"];

beforeAll(async () => {
  engine = await startEngine();
  deployed = (await deployStack(engine)).resources;
});
afterAll(() => engine.close());

/** The inputs with a value at a path, which leads into the first item of a list. */
function withValue(inputs: Value, [name, ...rest]: string[], value: Value): Value {
  if (name === undefined) return value;
  if (Array.isArray(inputs)) return [withValue(inputs[0] ?? {}, [name, ...rest], value), ...inputs.slice(1)];
  const object = (inputs ?? {}) as Properties;
  return { ...object, [name]: withValue(object[name] ?? {}, rest, value) };
}

function withValues(inputs: Properties, values: Record<string, Value>): Properties {
  return Object.entries(values).reduce<Value>(
    (result, [path, value]) => withValue(result, path.split("."), value),
    inputs,
  ) as Properties;
}

/** The deployed resource of a type, with the surroundings of its restricted inputs. */
const exampleOf = (type: string) => {
  const resource = deployed.find(({ urn }) => urn.includes(`$azure-native:${type}::`));
  if (!resource) throw new Error(`The stack has no ${type}.`);
  return { resource, inputs: withValues(resource.inputs, surroundings[type] ?? {}) };
};

test("every restricted input has a value here that must be refused", () => {
  const untested = resourceTypes.flatMap(({ token, inputs }) => {
    const paths = Object.keys(refusedValues[token.replace("azure-native:", "")] ?? {});
    return listInputs(inputs)
      .filter(({ effect }) => effect?.kind === "restricted")
      .map(({ path }) => path)
      .filter((path) => !paths.some((tested) => path === tested || path.startsWith(`${tested}.`)))
      .map((path) => `${token} ${path}`);
  });
  expect(untested).toEqual([]);
});

test.each(Object.keys(refusedValues))("%s without the refused values is accepted", async (type) => {
  const { resource, inputs } = exampleOf(type);
  await engine.native.update(resource, inputs);
});

test.each(
  Object.entries(refusedValues).flatMap(([type, values]) =>
    Object.entries(values).map(([path, value]) => [type, path, value] as const),
  ),
)("%s with %s = %j is refused", async (type, path, value) => {
  const { resource, inputs } = exampleOf(type);
  const changed = withValues(inputs, { [path]: value });
  await expect(engine.native.update(resource, changed)).rejects.toThrow(/check failed|Status=4\d\d/);
});
