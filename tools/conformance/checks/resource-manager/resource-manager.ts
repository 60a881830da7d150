import { randomUUID } from "node:crypto";
import { StorageManagementClient } from "@azure/arm-storage";
import type { Check } from "../../check.ts";
import { ArmClient } from "../../clients/arm.ts";
import { send } from "../../clients/http.ts";
import { roles } from "../../fixture.ts";
import { sources } from "../sources.ts";

const section = "resource-manager";
const { codeOf } = ArmClient;

/** Calls of Resource Manager: groups, versions, names, conditions, lists. */
export const resourceManagerChecks: Check[] = [
  {
    id: "resource-manager/no-token",
    section,
    title: "A call without a token is refused",
    azure: "401 `AuthenticationFailed` with a `WWW-Authenticate` header that names the tenant's sign-in.",
    source: sources.armRequest,
    known: "documented",
    async run(t) {
      const url = `https://management.azure.com${t.fixture.group}?api-version=2021-04-01`;
      const answer = await send(t.target, "GET", url);
      t.expect("answer", [answer.status, codeOf(answer)], [401, "AuthenticationFailed"]);
      t.expect("scheme", /^Bearer /.test(String(answer.headers["www-authenticate"])), true);
    },
  },
  {
    id: "resource-manager/no-version",
    section,
    title: "A call without an API version is refused",
    azure: "400 `MissingApiVersionParameter`.",
    source: sources.armVersions,
    known: "reported",
    async run(t) {
      const answer = await t.fixture.arm.send("GET", t.fixture.group, { version: "" });
      t.expect("answer", [answer.status, codeOf(answer)], [400, "MissingApiVersionParameter"]);
    },
  },
  {
    id: "resource-manager/unknown-version",
    section,
    title: "An API version that the resource type does not have is refused",
    azure: "400 `NoRegisteredProviderFound`; in Resource Manager's own calls `InvalidApiVersionParameter`.",
    source: sources.armVersions,
    known: "reported",
    differs:
      "All versions of a type have the same members. A version that is newer than the sandbox is refused.",
    async run(t) {
      const { arm, group } = t.fixture;
      const version = "1999-01-01";
      const account = t.fixture.path("Microsoft.Storage/storageAccounts", "missing");
      const own = await arm.send("GET", group, { version });
      t.expect("group", [own.status, codeOf(own)], [400, "InvalidApiVersionParameter"]);
      const other = await arm.send("GET", account, { version });
      t.expect("account", [other.status, codeOf(other)], [400, "NoRegisteredProviderFound"]);
    },
  },
  {
    id: "resource-manager/group-missing",
    section,
    title: "A resource group that does not exist is refused",
    azure: "404 `ResourceGroupNotFound` for GET and DELETE; HEAD is a 404.",
    source: sources.armGroups,
    known: "documented",
    async run(t) {
      const { arm } = t.fixture;
      const path = `${arm.subscription}/resourceGroups/${t.name}`;
      for (const method of ["GET", "DELETE"]) {
        const answer = await arm.send(method, path);
        t.expect(method, [answer.status, codeOf(answer)], [404, "ResourceGroupNotFound"]);
      }
      t.expect("HEAD", (await arm.send("HEAD", path)).status, 404);
    },
  },
  {
    id: "resource-manager/group-exists",
    section,
    title: "HEAD says whether a resource group exists",
    azure: "204 without a body.",
    source: sources.armGroups,
    known: "documented",
    async run(t) {
      const answer = await t.fixture.arm.send("HEAD", t.fixture.group);
      t.expect("answer", [answer.status, answer.text], [204, ""]);
    },
  },
  {
    id: "resource-manager/group-region",
    section,
    title: "The region of a resource group cannot be changed",
    azure: "409 `InvalidResourceGroupLocation`.",
    source: "https://github.com/Azure/azure-cli/issues/22242",
    known: "reported",
    async run(t) {
      const location = t.target.region === "northeurope" ? "westeurope" : "northeurope";
      const answer = await t.fixture.arm.send("PUT", t.fixture.group, { body: { location } });
      t.expect("answer", [answer.status, codeOf(answer)], [409, "InvalidResourceGroupLocation"]);
    },
  },
  {
    id: "resource-manager/group-tags",
    section,
    title: "A PATCH of a resource group replaces its tags",
    azure: "200 with the new tags.",
    source: sources.armGroups,
    known: "documented",
    async run(t) {
      const { arm, group } = t.fixture;
      const before = (await arm.send("GET", group)).json.tags;
      const changed = await arm.send("PATCH", group, { body: { tags: { ...before, owner: "team" } } });
      t.expect("answer", [changed.status, changed.json?.tags?.owner], [200, "team"]);
      await arm.send("PATCH", group, { body: { tags: before } });
      t.expect("at the end", (await arm.send("GET", group)).json.tags.owner ?? null, null);
    },
  },
  {
    id: "resource-manager/group-deleted",
    section,
    title: "Deleting a resource group is an asynchronous operation",
    azure: "202 with `Location`, then 404 for the group.",
    source: sources.armAsync,
    known: "documented",
    differs: "The operation is complete when it is first asked about.",
    async run(t) {
      const { arm } = t.fixture;
      const path = `${arm.subscription}/resourceGroups/conformance-${t.name}`;
      await arm.create(path, { location: t.target.region, tags: { purpose: "conformance" } });
      const { status, headers } = await arm.send("DELETE", path);
      t.expect("answer", [status, headers.location !== undefined], [202, true]);
      const isGone = async () => (await arm.send("HEAD", path)).status === 404;
      t.measure("time until the group is gone", await t.until("the deletion", 600, isGone));
    },
  },
  {
    id: "resource-manager/list-group-missing",
    section,
    title: "A list in a resource group that does not exist is refused",
    azure: "404 `ResourceGroupNotFound`.",
    source: sources.armErrors,
    known: "documented",
    async run(t) {
      const { arm } = t.fixture;
      const path = `${arm.subscription}/resourceGroups/${t.name}/providers/Microsoft.Storage/storageAccounts`;
      const answer = await arm.send("GET", path);
      t.expect("answer", [answer.status, codeOf(answer)], [404, "ResourceGroupNotFound"]);
    },
  },
  {
    id: "resource-manager/resource-missing",
    section,
    title: "A resource that does not exist is refused, and its deletion is no error",
    azure: "GET is a 404 `ResourceNotFound`, DELETE a 204.",
    source: sources.armErrors,
    known: "documented",
    async run(t) {
      const path = t.fixture.path("Microsoft.Storage/storageAccounts", `conf${t.name.slice(0, 12)}x`);
      const read = await t.fixture.arm.send("GET", path);
      t.expect("GET", [read.status, codeOf(read)], [404, "ResourceNotFound"]);
      t.expect("DELETE", (await t.fixture.arm.send("DELETE", path)).status, 204);
    },
  },
  {
    id: "resource-manager/account-name",
    section,
    title: "A storage account's name has 3 to 24 lower-case letters and digits",
    azure: "400 `AccountNameInvalid` for `Not-A-Name`.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const path = t.fixture.path("Microsoft.Storage/storageAccounts", "Not-A-Name");
      const body = { location: t.target.region, kind: "StorageV2", sku: { name: "Standard_LRS" } };
      const answer = await t.fixture.arm.send("PUT", path, { body });
      t.expect("answer", [answer.status, codeOf(answer)], [400, "AccountNameInvalid"]);
    },
  },
  {
    id: "resource-manager/account-available",
    section,
    title: "checkNameAvailability says whether and why a name is taken",
    azure: "`nameAvailable` false with `AlreadyExists` or `AccountNameInvalid`.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const { name } = await t.fixture.account();
      const client = new StorageManagementClient(
        t.target.credential,
        t.target.subscriptionId,
        t.target.clientOptions,
      );
      const check = async (each: string) => {
        const { nameAvailable, reason } = await client.storageAccounts.checkNameAvailability({
          name: each,
          type: "Microsoft.Storage/storageAccounts",
        });
        return [nameAvailable, reason ?? null];
      };
      t.expect("own account", await check(name), [false, "AlreadyExists"]);
      t.expect("malformed name", await check("Not-A-Name"), [false, "AccountNameInvalid"]);
      t.expect("free name", await check(`conf${t.fixture.runId}z`), [true, null]);
    },
  },
  {
    id: "resource-manager/account-region",
    section,
    title: "The region of a storage account cannot be changed",
    azure: "409 `InvalidResourceLocation`.",
    source: sources.armErrors,
    known: "reported",
    async run(t) {
      const { id } = await t.fixture.account();
      const location = t.target.region === "northeurope" ? "westeurope" : "northeurope";
      const body = { location, kind: "StorageV2", sku: { name: "Standard_LRS" } };
      const answer = await t.fixture.arm.send("PUT", id, { body });
      t.expect("answer", [answer.status, codeOf(answer)], [409, "InvalidResourceLocation"]);
    },
  },
  {
    id: "resource-manager/account-keys-hidden",
    section,
    title: "A read of a storage account shows no key; listKeys shows two",
    azure: "`key1` and `key2` of 64 bytes.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const read = await t.fixture.arm.send("GET", storage.id);
      t.expect("key in the resource", read.text.includes(storage.key), false);
      const { keys } = (await t.fixture.arm.send("POST", `${storage.id}/listKeys`)).json;
      t.expect(
        "keys",
        keys.map(({ keyName, value }: { keyName: string; value: string }) => [
          keyName,
          Buffer.from(value, "base64").length,
        ]),
        [
          ["key1", 64],
          ["key2", 64],
        ],
      );
    },
  },
  {
    id: "resource-manager/resource-list",
    section,
    title: "A list of a group's storage accounts shows a new account at once",
    azure: "200 with its ID. The list of all resources of a subscription can follow later.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const { id, name } = await t.fixture.account();
      const list = await t.fixture.arm.send("GET", id.slice(0, id.lastIndexOf("/")));
      const names = list.json.value.map((each: { name: string }) => each.name);
      t.expect("contains the account", names.includes(name), true);
    },
  },
  {
    id: "resource-manager/child-parent-missing",
    section,
    title: "A child of a resource that does not exist is refused",
    azure: "404 `ParentResourceNotFound` or `ResourceNotFound`.",
    source: sources.armErrors,
    known: "documented",
    async run(t) {
      const account = t.fixture.path("Microsoft.Storage/storageAccounts", "confmissing");
      const path = `${account}/blobServices/default/containers/files`;
      const answer = await t.fixture.arm.send("PUT", path, { body: { properties: {} } });
      t.expect("status", answer.status, 404);
    },
  },
  {
    id: "resource-manager/assignment-twice",
    section,
    title: "The same role assignment with another name is refused",
    azure: "409 `RoleAssignmentExists`.",
    source: sources.rbac,
    known: "documented",
    async run(t) {
      const { id } = await t.fixture.changeableAccount();
      await t.fixture.assign(id, roles.reader);
      const definitions = `${t.fixture.arm.subscription}/providers/Microsoft.Authorization/roleDefinitions`;
      const principalId = await t.fixture.principalId();
      const properties = { roleDefinitionId: `${definitions}/${roles.reader}`, principalId };
      const path = `${id}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
      const answer = await t.fixture.arm.send("PUT", path, { body: { properties } });
      t.expect("answer", [answer.status, codeOf(answer)], [409, "RoleAssignmentExists"]);
    },
  },
  {
    id: "resource-manager/assignment-role-missing",
    section,
    title: "An assignment of a role that does not exist is refused",
    azure: "`RoleDefinitionDoesNotExist`.",
    source: sources.rbac,
    known: "documented",
    async run(t) {
      const { id } = await t.fixture.changeableAccount();
      const definitions = `${t.fixture.arm.subscription}/providers/Microsoft.Authorization/roleDefinitions`;
      const principalId = await t.fixture.principalId();
      const properties = { roleDefinitionId: `${definitions}/${randomUUID()}`, principalId };
      const path = `${id}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
      const answer = await t.fixture.arm.send("PUT", path, { body: { properties } });
      t.expect("code", codeOf(answer), "RoleDefinitionDoesNotExist");
    },
  },
  {
    id: "resource-manager/role-actions",
    section,
    title: "A custom role with a data action among its actions is refused",
    azure: "400 `InvalidActionOrNotAction`.",
    source: sources.rbacCustom,
    known: "documented",
    async run(t) {
      const scope = t.fixture.group;
      const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${randomUUID()}`;
      const permissions = [
        { actions: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"] },
      ];
      const properties = { roleName: `Conformance ${t.name}`, assignableScopes: [scope], permissions };
      const answer = await t.fixture.arm.send("PUT", path, { body: { properties } });
      t.expect("answer", [answer.status, codeOf(answer)], [400, "InvalidActionOrNotAction"]);
    },
  },
  {
    id: "resource-manager/hub-name",
    section,
    title: "The name of an IoT hub has 3 to 50 letters, digits and hyphens",
    azure: "400 for `a_b`.",
    source: sources.hubArm,
    known: "documented",
    async run(t) {
      const path = t.fixture.path("Microsoft.Devices/IotHubs", "a_b");
      const body = { location: t.target.region, sku: { name: "S1", capacity: 1 } };
      t.expect("status", (await t.fixture.arm.send("PUT", path, { body })).status, 400);
    },
  },
  {
    id: "resource-manager/hub-units",
    section,
    title: "An IoT hub of the tier F1 has one unit",
    azure: "400 for two units.",
    source: sources.hubQuotas,
    known: "documented",
    async run(t) {
      const path = t.fixture.path("Microsoft.Devices/IotHubs", `conf-${t.name}`);
      const body = { location: t.target.region, sku: { name: "F1", capacity: 2 } };
      t.expect("status", (await t.fixture.arm.send("PUT", path, { body })).status, 400);
    },
  },
  {
    id: "resource-manager/hub-members",
    section,
    title: "A hub shows its host name, its group, its subscription and an ETag",
    azure: "`properties.hostName`, `resourcegroup`, `subscriptionid`, `etag`.",
    source: sources.hubArm,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { json } = await t.fixture.arm.send("GET", hub.id);
      t.expect("host", json.properties.hostName === `${json.name}.azure-devices.net`, true);
      t.expect("group", json.resourcegroup === t.fixture.groupName, true);
      t.expect("subscription", json.subscriptionid === t.target.subscriptionId, true);
      t.expect("ETag", typeof json.etag, "string");
    },
  },
  {
    id: "resource-manager/hub-stale-etag",
    section,
    title: "A change of a hub with an old ETag is refused",
    azure: "412.",
    source: sources.hubArm,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { json } = await t.fixture.arm.send("GET", hub.id);
      const { location, sku, properties } = json;
      const headers = { "if-match": "AAAAAAAAAAE=" };
      const answer = await t.fixture.arm.send("PUT", hub.id, {
        body: { location, sku, properties },
        headers,
      });
      t.expect("status", answer.status, 412);
    },
  },
];
