import { afterAll, describe, expect, test } from "vitest";
import { TestSandbox } from "../../support/test-sandbox.ts";
import { RestCalls } from "./rest-calls.ts";

/* Every resource type over REST. Source of the codes: sandbox/resource-manager/rest-api/rest-rules.ts. */

const sandbox = await TestSandbox.start({ resourceManager: {} });
const rest = new RestCalls(sandbox);
const group = `${rest.subscription}/resourceGroups/example`;
const hub = `${group}/providers/Microsoft.Devices/IotHubs/example-hub`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/examplefiles`;
const service = `${group}/providers/Microsoft.ApiManagement/service/example-flow`;
const workspace = `${group}/providers/Microsoft.OperationalInsights/workspaces/log-example`;
const container = `${account}/blobServices/default/containers/audit`;
const insights = `${group}/providers/Microsoft.Insights`;
const reader = `${rest.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
const guid = "11111111-2222-4333-8444-555555555555";
const principal = sandbox.principal();
const location = "norwayeast";
const policy =
  "<policies><inbound><base /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>";

interface Case {
  path: string;
  content: object;
  /** Statuses of a PUT that creates, one that changes, a PATCH, a HEAD, a DELETE and a second DELETE. */
  statuses: [
    created: number,
    changed: number,
    patched: number,
    head: number,
    deleted: number,
    missing: number,
  ];
  /** Default: tags. */
  patch?: object;
}

const apiManagementChild: Case["statuses"] = [201, 200, 200, 200, 200, 204];

/** In an order in which each has its parents; deleted in the opposite order. */
const cases: Case[] = [
  { path: group, content: { location, tags: { a: "1" } }, statuses: [201, 200, 200, 204, 202, 404] },
  {
    path: hub,
    content: { location, sku: { name: "S1", capacity: 1 } },
    statuses: [201, 200, 200, 204, 202, 204],
  },
  {
    path: account,
    content: {
      location,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: { minimumTlsVersion: "TLS1_2" },
    },
    statuses: [202, 200, 200, 204, 200, 204],
  },
  {
    path: container,
    content: { properties: { publicAccess: "None" } },
    patch: { properties: { publicAccess: "None" } },
    statuses: [201, 200, 200, 204, 200, 204],
  },
  {
    path: `${account}/tableServices/default/tables/keys`,
    content: { properties: {} },
    patch: { properties: {} },
    statuses: [200, 200, 200, 204, 204, 204],
  },
  {
    path: `${account}/managementPolicies/default`,
    content: {
      properties: {
        policy: {
          rules: [
            {
              enabled: true,
              name: "old",
              type: "Lifecycle",
              definition: {
                actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } },
                filters: { blobTypes: ["blockBlob"] },
              },
            },
          ],
        },
      },
    },
    statuses: [200, 200, 405, 204, 200, 204],
  },
  {
    path: service,
    content: {
      location,
      sku: { name: "BasicV2", capacity: 1 },
      properties: { publisherEmail: "operations@example.com", publisherName: "Example" },
    },
    statuses: [201, 200, 200, 204, 202, 204],
  },
  {
    path: `${service}/namedValues/audience`,
    content: { properties: { displayName: "audience", value: "api" } },
    patch: { properties: { value: "other" } },
    statuses: apiManagementChild,
  },
  {
    path: `${service}/backends/flow`,
    content: { properties: { url: "https://flow.example.com", protocol: "http" } },
    patch: { properties: { title: "Flow" } },
    statuses: apiManagementChild,
  },
  {
    path: `${service}/apis/flow`,
    content: { properties: { path: "flow", displayName: "Flow", protocols: ["https"] } },
    patch: { properties: { displayName: "Flow API" } },
    statuses: apiManagementChild,
  },
  {
    path: `${service}/apis/flow/operations/read`,
    content: { properties: { displayName: "Read", method: "GET", urlTemplate: "/read" } },
    patch: { properties: { displayName: "Read all" } },
    statuses: apiManagementChild,
  },
  {
    path: `${service}/apis/flow/policies/policy`,
    content: { properties: { value: policy, format: "xml" } },
    statuses: [201, 200, 405, 200, 200, 204],
  },
  {
    path: `${service}/subscriptions/customer`,
    content: { properties: { displayName: "Customer", scope: "/apis/flow" } },
    patch: { properties: { state: "active" } },
    statuses: apiManagementChild,
  },
  {
    path: workspace,
    content: { location, properties: { retentionInDays: 30 } },
    statuses: [201, 200, 200, 204, 200, 204],
  },
  {
    path: `${hub}/providers/Microsoft.Insights/diagnosticSettings/logs`,
    content: { properties: { workspaceId: workspace, logs: [{ category: "Connections", enabled: true }] } },
    statuses: [200, 200, 405, 204, 200, 204],
  },
  {
    path: `${insights}/actionGroups/oncall`,
    content: {
      location: "global",
      properties: {
        enabled: true,
        groupShortName: "oncall",
        emailReceivers: [{ name: "a", emailAddress: "a@example.com", useCommonAlertSchema: true }],
      },
    },
    statuses: [201, 200, 200, 204, 200, 204],
  },
  {
    path: `${hub}/providers/Microsoft.Authorization/roleAssignments/${guid}`,
    content: { properties: { principalId: principal.objectId, roleDefinitionId: reader } },
    statuses: [201, 200, 405, 204, 200, 204],
  },
  {
    path: `${rest.subscription}/providers/Microsoft.Authorization/roleDefinitions/${guid}`,
    content: {
      properties: {
        roleName: "Example",
        assignableScopes: [rest.subscription],
        permissions: [{ actions: ["Microsoft.Devices/IotHubs/read"] }],
      },
    },
    statuses: [201, 201, 405, 200, 200, 204],
  },
];

const ifAny = { headers: { "If-Match": "*" } };
const nameOf = ({ path }: Case) => path.slice(rest.subscription.length).replace(/.*providers\//, "");

afterAll(() => sandbox[Symbol.asyncDispose]());

describe("each type", () => {
  test.each(cases.map((each) => [nameOf(each), each] as const))(
    "%s is created, changed, read and listed with the codes of its REST reference",
    async (_, { path, content, statuses, patch = { tags: { owner: "team" } } }) => {
      const [created, changed, patched, head] = statuses;
      expect(await rest.send("HEAD", path)).toMatchObject({ status: 404 });
      expect(await rest.send("PUT", path, content)).toMatchObject({ status: created });
      expect(await rest.send("PUT", path, content)).toMatchObject({ status: changed });
      const got = await rest.send("GET", path);
      expect(got).toMatchObject({ status: 200, body: { id: path } });
      // What a client read can be written back as it is.
      expect(await rest.send("PUT", path, got.body)).toMatchObject({ status: changed });
      expect((await rest.send("GET", path)).body).toMatchObject({ id: path });
      expect(await rest.send("PATCH", path, patch, ifAny)).toMatchObject({ status: patched });
      if (patched === 200) expect((await rest.send("GET", path)).body).toMatchObject(patch);
      expect(await rest.send("HEAD", path)).toMatchObject({ status: head, body: undefined });
      const { body } = await rest.send("GET", path.slice(0, path.lastIndexOf("/")));
      expect(body.value.map(({ id }: { id: string }) => id)).toContain(path);
    },
  );

  test.each(cases.toReversed().map((each) => [nameOf(each), each] as const))(
    "%s is deleted with the codes of its REST reference",
    async (_, { path, statuses }) => {
      const [, , , , deleted, missing] = statuses;
      expect(await rest.send("DELETE", path, undefined, ifAny)).toMatchObject({ status: deleted });
      expect(await rest.send("GET", path)).toMatchObject({ status: 404 });
      expect(await rest.send("DELETE", path, undefined, ifAny)).toMatchObject({ status: missing });
    },
  );
});
