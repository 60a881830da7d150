import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGraphEndpoint } from "../../../sandbox/entra-id/graph-endpoint.ts";
import { TestSandbox } from "../../support/test-sandbox.ts";
import { RestCalls } from "./rest-calls.ts";

/* The rules of Azure Resource Manager that do not depend on the resource type. Each test names its source. */

const sandbox = await TestSandbox.start({ resourceManager: {} });
const rest = new RestCalls(sandbox);
const group = `${rest.subscription}/resourceGroups/example`;
const hub = `${group}/providers/Microsoft.Devices/IotHubs/example-hub`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/examplefiles`;
const service = `${group}/providers/Microsoft.ApiManagement/service/example-flow`;
const location = "westeurope";
const guid = "11111111-2222-4333-8444-555555555555";
const hubBody = { location, sku: { name: "S1", capacity: 1 } };
const accountBody = { location, kind: "StorageV2", sku: { name: "Standard_LRS" } };

beforeAll(async () => {
  await rest.create(group, { location });
  await rest.create(hub, hubBody);
  await rest.create(account, accountBody);
  const publisher = { publisherEmail: "operations@example.com", publisherName: "Example" };
  await rest.create(service, { location, sku: { name: "BasicV2", capacity: 1 }, properties: publisher });
});
afterAll(() => sandbox[Symbol.asyncDispose]());

describe("API versions", () => {
  // Sources: Azure/azure-cli#28496 and #28038.
  test.each([
    [
      hub,
      "1999-01-01",
      "NoRegisteredProviderFound",
      /location 'westeurope' and API version '1999-01-01' for type 'IotHubs'.*2023-06-30/,
    ],
    [`${hub}/listkeys`, "2023-06-31", "NoRegisteredProviderFound", /'IotHubs'/],
    [
      `${account}/blobServices/default/containers`,
      "1999-01-01",
      "NoRegisteredProviderFound",
      /'storageAccounts\/blobServices/,
    ],
    [
      group,
      "1999-01-01",
      "InvalidApiVersionParameter",
      /The api-version '1999-01-01' is invalid. The supported versions are '.*2021-04-01/,
    ],
    ["/subscriptions", "1999-01-01", "InvalidApiVersionParameter", /2022-12-01/],
    ["/tenants", "2022-12-1", "InvalidApiVersionParameter", /'2022-12-1' is invalid/],
    [hub, "latest", "InvalidApiVersionParameter", /'latest' is invalid/],
  ])("%s with api-version %s is a 400 %s", async (path, version, code, message) => {
    const { status, body } = await rest.send("GET", path, undefined, { version });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code });
    expect(body.error.message).toMatch(message);
  });

  test("a PUT with an unknown version changes nothing", async () => {
    const change = { ...hubBody, tags: { changed: "yes" } };
    expect(await rest.send("PUT", hub, change, { version: "1999-01-01" })).toMatchObject({ status: 400 });
    expect((await rest.send("GET", hub)).body.tags).toBeUndefined();
  });

  test("the versions that a provider lists are accepted", async () => {
    const { body } = await rest.send("GET", `${rest.subscription}/providers/Microsoft.Devices`);
    const [{ apiVersions }] = body.resourceTypes;
    expect(apiVersions.length).toBeGreaterThan(20);
    for (const version of apiVersions) {
      expect(await rest.send("GET", hub, undefined, { version })).toMatchObject({ status: 200 });
    }
  });
});

describe("ETags", () => {
  // Source: RFC 9110, 13.1; REST reference, "Iot Hub Resource - Create Or Update", If-Match.
  test("a hub is changed with its ETag only while it is the same, and If-None-Match: * only creates", async () => {
    const { etag } = (await rest.send("GET", hub)).body;
    const change = { ...hubBody, tags: { owner: "team" } };
    const put = (headers: Record<string, string>, path = hub) => rest.send("PUT", path, change, { headers });
    expect(await put({ "If-Match": etag })).toMatchObject({ status: 200, body: { tags: { owner: "team" } } });
    const refused = { status: 412, body: { error: { code: "PreconditionFailed" } } };
    expect(await put({ "If-Match": etag })).toMatchObject(refused);
    expect(await put({ "If-None-Match": "*" })).toMatchObject(refused);
    expect(await put({ "If-Match": "*" }, `${hub}-2`)).toMatchObject(refused);
    expect(await put({ "If-None-Match": "*" }, `${hub}-2`)).toMatchObject({ status: 201 });
    expect(
      await rest.send("DELETE", `${hub}-2`, undefined, { headers: { "If-Match": "wrong" } }),
    ).toMatchObject(refused);
    expect(await rest.send("DELETE", `${hub}-2`, undefined, { headers: { "If-Match": "*" } })).toMatchObject({
      status: 202,
    });
  });

  test("what API Management contains has an ETag header, and PATCH and DELETE need If-Match", async () => {
    const backend = `${service}/backends/flow`;
    const content = { properties: { url: "https://flow.example.com", protocol: "http" } };
    const any = { headers: { "If-Match": "*" } };
    // The Azure CLI sends If-Match: * when it creates.
    const created = await rest.send("PUT", backend, content, any);
    expect(created).toMatchObject({ status: 201 });
    const read = await rest.send("HEAD", backend);
    expect(read.headers.get("etag")).toBe(created.headers.get("etag"));
    const patch = { properties: { title: "Flow" } };
    expect(await rest.send("PATCH", backend, patch)).toMatchObject({ status: 400 });
    expect(await rest.send("DELETE", backend)).toMatchObject({ status: 400 });
    const changed = await rest.send("PATCH", backend, patch, any);
    expect(changed.headers.get("etag")).not.toBe(created.headers.get("etag"));
    const stale = { headers: { "If-Match": created.headers.get("etag") as string } };
    expect(await rest.send("DELETE", backend, undefined, stale)).toMatchObject({ status: 412 });
    expect(await rest.send("DELETE", backend, undefined, any)).toMatchObject({ status: 200 });
  });

  test("an immutability policy is deleted with its ETag, and then the container can be deleted", async () => {
    const container = `${account}/blobServices/default/containers/audit`;
    const policy = `${container}/immutabilityPolicies/default`;
    await rest.create(container, {});
    await rest.create(policy, { properties: { immutabilityPeriodSinceCreationInDays: 3 } });
    expect(await rest.send("DELETE", container)).toMatchObject({ status: 409 });
    expect(await rest.send("DELETE", policy)).toMatchObject({ status: 412 });
    const { headers } = await rest.send("GET", policy);
    const ifMatch = { headers: { "If-Match": headers.get("etag") as string } };
    expect(await rest.send("DELETE", policy, undefined, ifMatch)).toMatchObject({ status: 200 });
    expect(await rest.send("DELETE", container)).toMatchObject({ status: 200 });
  });
});

describe("asynchronous operations", () => {
  // Source: "Track asynchronous Azure operations" (azure-resource-manager/management/async-operations).
  const follow = async (path: string, content: object | undefined, method: string) => {
    const { status, headers } = await rest.send(method, path, content);
    const [location, operation] = [headers.get("location"), headers.get("azure-asyncoperation")];
    return {
      status,
      retryAfter: headers.get("retry-after"),
      location: location ? await rest.send("GET", location) : undefined,
      operation: operation ? (await rest.send("GET", operation)).body : undefined,
    };
  };

  test("a storage account is created by a 202 with a Location, which then has the account", async () => {
    const path = `${account}2`;
    expect(await follow(path, accountBody, "PUT")).toMatchObject({
      status: 202,
      retryAfter: "1",
      location: { status: 200, body: { id: path, properties: { provisioningState: "Succeeded" } } },
      operation: undefined,
    });
    expect(await rest.send("PUT", path, accountBody)).toMatchObject({ status: 200, body: { id: path } });
    expect(await rest.send("DELETE", path)).toMatchObject({ status: 200 });
  });

  test("the operations of a hub have an Azure-AsyncOperation, those of a group a Location only", async () => {
    expect(await follow(`${hub}-3`, hubBody, "PUT")).toMatchObject({
      status: 201,
      operation: { status: "Succeeded" },
      location: { status: 200, body: { name: "example-hub-3" } },
    });
    expect(await follow(`${hub}-3`, undefined, "DELETE")).toMatchObject({
      status: 202,
      operation: { status: "Succeeded" },
      location: { status: 200, body: undefined },
    });
    await rest.create(`${group}-2`, { location });
    expect(await follow(`${group}-2`, undefined, "DELETE")).toEqual({
      status: 202,
      retryAfter: "1",
      location: expect.objectContaining({ status: 200 }),
      operation: undefined,
    });
  });

  test("an operation that another caller started is not found", async () => {
    const { headers } = await rest.send("PUT", `${account}3`, accountBody);
    const location = headers.get("location") as string;
    expect(await rest.send("GET", location, undefined, { roles: ["Reader"] })).toMatchObject({ status: 404 });
  });
});

describe("bodies", () => {
  test("what only the service writes is passed over, and has the service's value", async () => {
    const properties = { hostName: "other.example.com", state: "Suspended", provisioningState: "Failed" };
    const eventHubEndpoints = { events: { path: "other", endpoint: "sb://other", retentionTimeInDays: 1 } };
    const echoed = {
      ...hubBody,
      id: "/other",
      name: "other",
      type: "other",
      etag: "other",
      resourcegroup: "other",
    };
    const put = await rest.send("PUT", hub, { ...echoed, properties: { ...properties, eventHubEndpoints } });
    expect(put.body).toMatchObject({
      id: hub,
      name: "example-hub",
      type: "Microsoft.Devices/IotHubs",
      resourcegroup: "example",
      subscriptionid: sandbox.azure.subscriptionId,
      etag: expect.stringMatching(/^[^"]+$/),
      properties: {
        hostName: "example-hub.azure-devices.net",
        state: "Active",
        provisioningState: "Succeeded",
        eventHubEndpoints: { events: { path: "example-hub" } },
      },
    });
    const files = { primaryEndpoints: { blob: "https://other" }, creationTime: "2000-01-01T00:00:00Z" };
    const changed = await rest.send("PUT", account, { ...accountBody, properties: files });
    expect(changed.body.properties.primaryEndpoints.blob).toBe("https://examplefiles.blob.core.windows.net/");
  });

  test.each([
    [hub, { location, sku: { name: "S9" } }, "InvalidRequestContent", /sku\.name/],
    [hub, { location }, "InvalidRequestContent", /'sku' is required/],
    [`${hub}-9`, { sku: { name: "S1" } }, "LocationRequired", /location/],
    [
      account,
      { ...accountBody, properties: { supportsHttpsTrafficOnly: "yes" } },
      "InvalidRequestContent",
      /properties\.supportsHttpsTrafficOnly/,
    ],
    [account, { ...accountBody, properties: { allowMagic: true } }, "NotInSandbox", /properties\.allowMagic/],
    [
      account,
      { ...accountBody, properties: { networkAcls: { defaultAction: "Allow", magic: 1 } } },
      "NotInSandbox",
      /properties\.networkAcls\.magic/,
    ],
    [
      `${service}/backends/x`,
      { properties: { url: 5, protocol: "http" } },
      "ValidationError",
      /properties\.url/,
    ],
  ])("PUT %s %o is a 400 %s", async (path, content, code, message) => {
    const { status, body } = await rest.send("PUT", path, content);
    expect({ status, code: body.error.code }).toEqual({ status: 400, code });
    expect(body.error.message).toMatch(message);
  });

  test("a PATCH changes what it names, deletes with null, and replaces tags", async () => {
    await rest.send("PATCH", account, {
      tags: { a: "1", b: "2" },
      properties: { minimumTlsVersion: "TLS1_2" },
    });
    const { body } = await rest.send("PATCH", account, { tags: { c: "3" } });
    expect(body).toMatchObject({ tags: { c: "3" }, properties: { minimumTlsVersion: "TLS1_2" } });
    expect(Object.keys(body.tags)).toEqual(["c"]);
    // Source: REST reference, "Iot Hub Resource - Update".
    expect(await rest.send("PATCH", hub, { sku: { name: "S2" } })).toMatchObject({ status: 400 });
    expect(await rest.send("PATCH", `${account}9`, { tags: {} })).toMatchObject({ status: 404 });
  });

  test("a caller with the role Reader can read, and every change is a 403", async () => {
    const roles = { roles: ["Reader"] };
    expect(await rest.send("GET", hub, undefined, roles)).toMatchObject({ status: 200 });
    for (const [method, content] of [
      ["PUT", { nonsense: true }],
      ["PATCH", {}],
      ["DELETE", undefined],
    ] as const) {
      expect(await rest.send(method, hub, content, roles)).toMatchObject({
        status: 403,
        body: { error: { code: "AuthorizationFailed" } },
      });
    }
  });
});

describe("what is missing", () => {
  // Sources: "Resource Groups - Check Existence", Azure/azure-cli#20316, "Resolve errors for parent resource not found".
  test("a HEAD of a group is 204 or 404, and a DELETE of a missing group is 404", async () => {
    expect(await rest.send("HEAD", group)).toMatchObject({ status: 204 });
    expect(await rest.send("HEAD", `${group}-9`)).toMatchObject({ status: 404 });
    const deleted = await rest.send("DELETE", `${group}-9`);
    expect(deleted).toMatchObject({ status: 404, body: { error: { code: "ResourceGroupNotFound" } } });
  });

  test("a DELETE below a missing group or parent is a 404", async () => {
    expect(await rest.send("DELETE", hub.replace("/example/", "/nothing/"))).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceGroupNotFound" } },
    });
    expect(await rest.send("DELETE", `${account}9/blobServices/default/containers/x`)).toMatchObject({
      status: 404,
      body: { error: { code: "ParentResourceNotFound" } },
    });
  });

  test("an ID is stored with Azure's names of types and the name of the group as it was created", async () => {
    const other = `${rest.subscription}/resourcegroups/EXAMPLE/providers/microsoft.devices/iothubs/Second-Hub`;
    const { body } = await rest.send("PUT", other, hubBody);
    expect(body).toMatchObject({
      id: `${group}/providers/Microsoft.Devices/IotHubs/Second-Hub`,
      name: "Second-Hub",
    });
    await rest.send("DELETE", other);
  });
});

describe("the subscription", () => {
  test("resources of all types are listed, with a filter", async () => {
    const types = async (path: string, filter?: string) => {
      const query = filter ? `?$filter=${encodeURIComponent(filter)}` : "";
      const { body } = await rest.send("GET", `${path}/resources${query}`);
      return body.value.map(({ type }: { type: string }) => type);
    };
    expect(await types(group)).toEqual(
      expect.arrayContaining(["Microsoft.Devices/IotHubs", "Microsoft.Storage/storageAccounts"]),
    );
    expect(await types(rest.subscription, "resourceType eq 'Microsoft.ApiManagement/service'")).toEqual([
      "Microsoft.ApiManagement/service",
    ]);
    expect(await rest.send("GET", `${group}-9/resources`)).toMatchObject({ status: 404 });
  });

  test("locations, providers and tenants are listed as az login and its commands read them", async () => {
    const { body } = await rest.send("GET", `${rest.subscription}/locations`);
    expect(body.value).toContainEqual(
      expect.objectContaining({
        name: "westeurope",
        displayName: "West Europe",
        regionalDisplayName: "(Europe) West Europe",
        metadata: expect.objectContaining({
          pairedRegion: [expect.objectContaining({ name: "northeurope" })],
        }),
      }),
    );
    const providers = await rest.send("GET", `${rest.subscription}/providers`);
    expect(providers.body.value.map(({ namespace }: { namespace: string }) => namespace)).toContain(
      "Microsoft.Devices",
    );
    const { body: tenants } = await rest.send("GET", "/tenants");
    expect(tenants.value).toMatchObject([
      { tenantId: sandbox.azure.tenantId, defaultDomain: expect.any(String) },
    ]);
    const change = async (action: string) =>
      (await rest.send("POST", `${rest.subscription}/providers/Microsoft.Devices/${action}`)).body
        .registrationState;
    expect(await change("unregister")).toBe("NotRegistered");
    expect(await rest.send("PUT", `${hub}-7`, hubBody)).toMatchObject({
      status: 409,
      body: { error: { code: "MissingSubscriptionRegistration" } },
    });
    expect(await change("register")).toBe("Registered");
  });

  test.each([
    ["Microsoft.Storage", "examplefiles", "Microsoft.Storage/storageAccounts", "AlreadyExists"],
    ["Microsoft.Storage", "Example-Files", "Microsoft.Storage/storageAccounts", "AccountNameInvalid"],
    ["Microsoft.Devices", "EXAMPLE-HUB", undefined, "AlreadyExists"],
    ["Microsoft.Devices", "-", undefined, "Invalid"],
    ["Microsoft.ApiManagement", "example-flow", undefined, "AlreadyExists"],
    ["Microsoft.ApiManagement", "9", undefined, "Invalid"],
    ["Microsoft.ApiManagement", "example-free", undefined, undefined],
  ])("%s says whether the name %s is available", async (namespace, name, type, reason) => {
    const path = `${rest.subscription}/providers/${namespace}/checkNameAvailability`;
    const { body } = await rest.send("POST", path, { name, type });
    expect({ available: body.nameAvailable, reason: body.reason }).toEqual({
      available: reason === undefined,
      reason,
    });
  });
});

test.each([
  "Microsoft.Authorization/locks",
  "Microsoft.Insights/autoscaleSettings",
  "Microsoft.Devices/provisioningServices",
  "Microsoft.Web/sites",
])(
  "a type that the sandbox does not know, %s, is refused with its name in every API version",
  async (type) => {
    for (const version of ["2016-09-01", "2031-01-01"]) {
      for (const path of [`${group}/providers/${type}`, `${group}/providers/${type}/one`]) {
        expect(await rest.send("GET", path, undefined, { version })).toMatchObject({
          body: { error: { code: "NotInSandbox", message: expect.stringContaining(type) } },
        });
      }
    }
  },
);

test("a subscription ID that is no GUID is a 400 InvalidSubscriptionId, and another GUID a 404", async () => {
  const answers = await Promise.all(
    ["nope", guid].map((id) => rest.send("GET", `/subscriptions/${id}/resourceGroups`)),
  );
  expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual([
    [400, "InvalidSubscriptionId"],
    [404, "SubscriptionNotFound"],
  ]);
});

// REST reference, "Named Value - List Value".
test("listValue returns the value of a secret named value, which a GET does not, to who may", async () => {
  const path = `${service}/namedValues/key`;
  await rest.create(path, { properties: { displayName: "key", value: "hush", secret: true } });
  expect(JSON.stringify((await rest.send("GET", path)).body)).not.toContain("hush");
  const listed = await rest.send("POST", `${path}/listValue`);
  expect([listed.status, listed.body]).toEqual([200, { value: "hush" }]);
  expect(listed.headers.get("ETag")).not.toBeNull();
  expect((await rest.send("POST", `${path}/listValue`, undefined, { roles: ["Reader"] })).status).toBe(403);
  expect((await rest.send("POST", `${service}/namedValues/none/listValue`)).status).toBe(404);
});

test("Microsoft Graph is refused by its name, with the way round it", async () => {
  const graph = createGraphEndpoint(sandbox.azure);
  const { token } = await sandbox.principal().getToken("https://graph.microsoft.com");
  const response = await graph.fetch(
    new Request("https://graph.microsoft.com/v1.0/users", { headers: { authorization: `Bearer ${token}` } }),
  );
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect(response.status).toBe(501);
  expect(error.code).toBe("NotInSandbox");
  expect(error.message).toMatch(/does not have Microsoft Graph.*GET \/v1\.0\/users.*--assignee-object-id/);
});
