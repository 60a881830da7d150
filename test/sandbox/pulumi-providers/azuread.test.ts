import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { unknownValue } from "../../../sandbox/pulumi-providers/wire.ts";
import { type Deployed, startEngine } from "./provider-client.ts";

const tokens = {
  application: "azuread:index/application:Application",
  principal: "azuread:index/servicePrincipal:ServicePrincipal",
  credential: "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential",
  group: "azuread:index/group:Group",
  member: "azuread:index/groupMember:GroupMember",
};

let engine: Awaited<ReturnType<typeof startEngine>>;
let application: Deployed;

const create = (kind: keyof typeof tokens, inputs: Properties) =>
  engine.azuread.create(tokens[kind], "example", inputs);

beforeAll(async () => {
  engine = await startEngine();
  application = await create("application", { displayName: "example" });
});

afterAll(() => engine.close());

const credential = (changes: Properties = {}) => ({
  applicationId: application.id,
  displayName: "example",
  audiences: ["api://AzureADTokenExchange"],
  issuer: "https://ci.example.com",
  subject: "environment:dev",
  ...changes,
});

test("IDs have the form of azuread 6", async () => {
  const guid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  expect(application.id).toMatch(new RegExp(`^/applications/${guid}$`));
  const created = await create("credential", credential());
  expect(created.id).toMatch(new RegExp(`^${guid}/federatedIdentityCredential/${guid}$`));
  await engine.azuread.delete(created);
});

test("a preview creates nothing in the directory", async () => {
  const outputs = await engine.azuread.preview(tokens.group, "x", {
    displayName: "previewed",
    securityEnabled: true,
  });
  expect(outputs).toMatchObject({ objectId: unknownValue, displayName: "previewed" });
  expect(engine.azure.directory.findGroup("previewed")).toBeUndefined();
});

test.each([
  ["application", { displayName: "x", password: { displayName: "x" } }, /'password' is not a property/],
  ["application", { displayName: "example", preventDuplicateNames: true }, /existing application/],
  ["application", { displayName: "x", owners: [randomUUID()] }, /Request_ResourceNotFound/],
  ["principal", { clientId: randomUUID() }, /does not reference a valid application/],
  ["group", { displayName: "x" }, /missing required property 'securityEnabled'/],
  ["group", { displayName: "x", securityEnabled: true, members: [randomUUID()] }, /Request_ResourceNotFound/],
  ["member", { groupObjectId: randomUUID(), memberObjectId: randomUUID() }, /Request_ResourceNotFound/],
] as const)("%s with %o is refused", async (kind, inputs, message) => {
  await expect(create(kind, inputs as unknown as Properties)).rejects.toThrow(message);
});

test.each([
  [{ audiences: ["a", "b"] }, /'audiences' is not valid/],
  [{ issuer: "http://ci.example.com" }, /'issuer' is not valid/],
  [{ displayName: "c i" }, /'displayName' is not valid/],
  [{ applicationId: `/applications/${randomUUID()}` }, /Request_ResourceNotFound/],
])("a federated credential with %o is refused", async (changes, message) => {
  await expect(create("credential", credential(changes))).rejects.toThrow(message);
});

test("a second credential with the same issuer and subject, and a twenty-first credential, are refused", async () => {
  const created = [await create("credential", credential())];
  await expect(create("credential", credential({ displayName: "again" }))).rejects.toThrow(
    /issuer and subject/,
  );
  await expect(create("credential", credential({ subject: "other" }))).rejects.toThrow(/already exists/);
  for (let index = 1; index < 20; index++) {
    created.push(
      await create("credential", credential({ displayName: `c-${index}`, subject: `s-${index}` })),
    );
  }
  await expect(create("credential", credential({ displayName: "more", subject: "more" }))).rejects.toThrow(
    /at most 20/,
  );
  const [first] = created as [Deployed];
  expect(await engine.azuread.diff(first, credential({ subject: "new" }))).toMatchObject({
    changed: true,
    replaces: [],
  });
  expect(await engine.azuread.diff(first, credential({ displayName: "new" }))).toMatchObject({
    replaces: ["displayName"],
  });
  for (const each of created) await engine.azuread.delete(each);
});

test("the members of a group have its roles as long as they are members", async () => {
  const { azure } = engine;
  const principal = await create("principal", { clientId: application.outputs.clientId as string });
  await expect(create("principal", { clientId: application.outputs.clientId as string })).rejects.toThrow(
    /already in use/,
  );
  const group = await create("group", { displayName: "operators", securityEnabled: true });
  const ids = [principal.outputs.objectId, group.outputs.objectId] as [string, string];
  const member = await create("member", { memberObjectId: ids[0], groupObjectId: ids[1] });
  await expect(create("member", { memberObjectId: ids[0], groupObjectId: ids[1] })).rejects.toThrow(
    /already exists/,
  );
  expect(azure.directory.listWithGroups(ids[0])).toContain(ids[1]);
  expect((await engine.azuread.read(member)).id).toBe(member.id);
  await engine.azuread.delete(member);
  expect(azure.directory.listWithGroups(ids[0])).toEqual([ids[0]]);
  expect((await engine.azuread.read(member)).id).toBe("");

  const withMember = { displayName: "operators", securityEnabled: true, members: [ids[0]] };
  const filled = await engine.azuread.update(group, withMember);
  expect(azure.directory.listWithGroups(ids[0])).toContain(ids[1]);
  await engine.azuread.update(filled, { displayName: "operators", securityEnabled: true, members: [] });
  expect(azure.directory.listWithGroups(ids[0])).toEqual([ids[0]]);
});

test("deleting an application deletes its service principal and credentials", async () => {
  const other = await create("application", { displayName: "other" });
  const principal = await create("principal", { clientId: other.outputs.clientId as string });
  const created = await create("credential", credential({ applicationId: other.id }));
  await engine.azuread.delete(other);
  expect(engine.azure.directory.get(principal.outputs.objectId as string)).toBeUndefined();
  for (const each of [other, principal, created]) expect((await engine.azuread.read(each)).id).toBe("");
});
