import { z } from "zod";

const name = z.string().min(1);
const properties = z
  .record(z.string(), z.unknown())
  .optional()
  .describe("Further properties of the resource, with the names of Azure's REST API.");
const location = z.string().optional().describe("Region; default: the region of the file.");

const device = z.strictObject({
  id: name.describe("The device ID."),
  status: z.enum(["enabled", "disabled"]).default("enabled"),
  primaryKey: z
    .string()
    .optional()
    .describe(
      "Base64 of 16 to 64 bytes; default: a new key, or the one that the device has. Set both or none.",
    ),
  secondaryKey: z.string().optional().describe("The same as primaryKey."),
  tags: z.record(z.string(), z.unknown()).optional().describe("Tags of the twin."),
  desired: z.record(z.string(), z.unknown()).optional().describe("Desired properties of the twin."),
});

const hub = z.strictObject({
  name: name.describe("Name of the IoT hub; its host is NAME.azure-devices.net."),
  location,
  sku: z.enum(["F1", "B1", "B2", "B3", "S1", "S2", "S3"]).default("S1"),
  units: z.number().int().min(1).default(1),
  properties,
  devices: z.array(device).default([]),
});

const account = z.strictObject({
  name: name.describe("Name of the storage account, with 3 to 24 lower-case letters and digits."),
  location,
  sku: z.string().default("Standard_LRS"),
  kind: z.string().default("StorageV2"),
  properties,
  containers: z.array(name).default([]).describe("Names of blob containers."),
  tables: z.array(name).default([]).describe("Names of tables."),
});

const operation = z.strictObject({
  method: z.string().describe("HTTP method, for example GET."),
  path: z.string().describe("URL template below the API's path, for example /orders/{id}."),
  name: z.string().optional().describe("ID of the operation; default: made from the method and the path."),
});

const api = z.strictObject({
  service: name.describe("Name of the API Management service; its gateway is NAME.azure-api.net."),
  location,
  sku: z.string().default("BasicV2"),
  name: name.describe("ID of the API."),
  path: z.string().describe("Path of the API at the gateway."),
  serviceUrl: z.string().optional().describe("URL to which the gateway forwards calls."),
  subscriptionRequired: z.boolean().default(false).describe("Whether a call needs a subscription key."),
  operations: z.array(operation).min(1),
  policy: z
    .string()
    .optional()
    .describe("The API's policy as XML, as the editor of Azure's portal shows it."),
  properties,
});

const role = z.strictObject({
  role: name.describe("Name of a built-in role, for example IoT Hub Data Contributor."),
  to: name.describe("operator, deployer, or the name of a group of the tenant."),
  on: name
    .optional()
    .describe("Name of a hub, account or API Management service of the file; default: the resource group."),
});

/** What `azure-sandbox seed` creates. */
export const seedSchema = z
  .strictObject({
    $schema: z.string().optional(),
    resourceGroup: name.default("seed").describe("The group of all resources."),
    location: z.string().default("westeurope").describe("Region of the group and of its resources."),
    hubs: z.array(hub).default([]),
    accounts: z.array(account).default([]),
    apis: z.array(api).default([]),
    roles: z.array(role).default([]),
  })
  .describe("Resources for an Azure sandbox.");

/** A seed file with its defaults filled in. */
export type Seed = z.output<typeof seedSchema>;

/** A seed as a program writes it, for example in a test. */
export type SeedInput = z.input<typeof seedSchema>;

/** The JSON schema of seed files, for editors. */
export function seedJsonSchema(): object {
  return z.toJSONSchema(seedSchema, { io: "input" });
}
