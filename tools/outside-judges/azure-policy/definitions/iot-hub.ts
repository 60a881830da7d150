import type { PolicyDefinition } from "../definition.ts";
import { allOf, anyOf, countOf, fieldsOf, not, typeIs } from "./conditions.ts";

const type = "Microsoft.Devices/IotHubs";
const isHub = typeIs(type);
const field = fieldsOf(type);
const logs = "Microsoft.Insights/diagnosticSettings/logs";

/** Built-in definitions of the category Internet of Things, for the IoT Hub. */
export const iotHubDefinitions: PolicyDefinition[] = [
  {
    id: "672d56b3-23a7-4a3c-a233-b77ed7777518",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "The service side of an IoT Hub accepts Entra ID only.",
    if: allOf(isHub, field("disableLocalAuth", { notEquals: true })),
  },
  {
    id: "2d6830fb-07eb-48e7-8c4d-2a442b35f0fb",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "An IoT Hub has no public network access.",
    if: allOf(isHub, field("publicNetworkAccess", { notEquals: "Disabled" })),
  },
  {
    id: "0d40b058-9f95-4a19-93e3-9b0330baa2a3",
    version: "1.0.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "An IoT Hub has an approved private endpoint.",
    if: allOf(
      isHub,
      countOf(
        `${type}/privateEndpointConnections[*]`,
        field("privateEndpointConnections[*].privateLinkServiceConnectionState.status", {
          equals: "Approved",
        }),
        { less: 1 },
      ),
    ),
  },
  {
    id: "2d7e144b-159c-44fc-95c1-ac3dbf5e6e54",
    version: "1.0.0-preview",
    mode: "Indexed",
    effect: "Audit",
    demands: "An IoT Hub is encrypted with a key of the customer.",
    if: allOf(
      isHub,
      countOf(
        `${type}/encryption.keyVaultProperties[*]`,
        allOf(
          field("encryption.keyVaultProperties[*].keyIdentifier", { exists: "true" }),
          field("encryption.keyVaultProperties[*].keyIdentifier", { notEquals: "" }),
        ),
        { lessOrEquals: 0 },
      ),
    ),
  },
  {
    id: "383856f8-de7f-44a2-81fc-e5135b5c2aa4",
    version: "3.1.0",
    mode: "Indexed",
    effect: "AuditIfNotExists",
    demands: "An IoT Hub has resource logs, kept for 365 days where a setting limits their time.",
    parameters: { requiredRetentionDays: "365" },
    if: isHub,
    details: {
      type: "Microsoft.Insights/diagnosticSettings",
      existenceCondition: countOf(
        `${logs}[*]`,
        anyOf(
          allOf(
            { field: `${logs}[*].retentionPolicy.enabled`, equals: "true" },
            anyOf(
              { field: `${logs}[*].retentionPolicy.days`, equals: "0" },
              {
                value: `[padLeft(current('${logs}[*].retentionPolicy.days'), 3, '0')]`,
                greaterOrEquals: "[padLeft(parameters('requiredRetentionDays'), 3, '0')]",
              },
            ),
            { field: `${logs}.enabled`, equals: "true" },
          ),
          allOf(not({ field: `${logs}[*].retentionPolicy.enabled`, equals: "true" }), {
            field: `${logs}.enabled`,
            equals: "true",
          }),
        ),
        { greaterOrEquals: 1 },
      ),
    },
  },
];
