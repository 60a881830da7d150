import { randomUUID } from "node:crypto";
import { z } from "zod";
import { flag, optional, text } from "../../resource-manager/shared-inputs.ts";
import type { Properties } from "../provider.ts";
import { type DirectoryType, graphError, guidOf, requirePrincipals, type Tenant } from "./directory-type.ts";

/** A security group. Its members have the roles that are assigned to it. */
export const group: DirectoryType = {
  token: "azuread:index/group:Group",
  inputs: z.strictObject({
    displayName: text.min(1).max(256),
    securityEnabled: z.literal(true),
    ...optional({
      assignableToRole: flag,
      description: text.max(1024),
      mailEnabled: z.literal(false),
      mailNickname: text.max(64),
      members: z.array(text),
      owners: z.array(text),
      preventDuplicateNames: flag,
      visibility: z.enum(["Private", "Public"]),
    }).shape,
  }),
  replaceOn: ["assignableToRole", "mailNickname"],
  computed: ["objectId", "preferredLanguage", "proxyAddresses"],

  create(inputs, tenant) {
    if (inputs.preventDuplicateNames && tenant.azure.directory.findGroup(inputs.displayName as string)) {
      throw new Error(`Tried to find an existing group named ${String(inputs.displayName)} and found one.`);
    }
    const objectId = randomUUID();
    return { id: `/groups/${objectId}`, outputs: save(objectId, inputs, [], tenant) };
  },

  update(id, inputs, tenant) {
    const objectId = guidOf(id);
    const previous = tenant.objects.get<Properties>("group", objectId);
    if (!previous)
      throw graphError(404, "Request_ResourceNotFound", `Resource '${objectId}' does not exist.`);
    return save(objectId, inputs, (previous.members ?? []) as string[], tenant);
  },

  read: (id, tenant) => tenant.objects.get<Properties>("group", guidOf(id)),

  delete(id, tenant) {
    tenant.azure.directory.remove(guidOf(id));
    tenant.objects.remove("group", guidOf(id));
  },
};

/** Writes a group with its members. @param before The members until now. */
function save(objectId: string, inputs: Properties, before: string[], tenant: Tenant): Properties {
  const members = (inputs.members ?? []) as string[];
  requirePrincipals([...members, ...((inputs.owners ?? []) as string[])], tenant);
  const outputs = {
    mailEnabled: false,
    mailNickname: objectId.slice(0, 8),
    owners: [tenant.deployer.objectId],
    ...inputs,
    objectId,
  };
  const { directory } = tenant.azure;
  directory.put({ objectId, kind: "Group", displayName: inputs.displayName as string });
  for (const member of before) if (!members.includes(member)) directory.removeMember(objectId, member);
  for (const member of members) directory.addMember(objectId, member);
  tenant.objects.put("group", objectId, outputs);
  return outputs;
}

/** The membership of one principal in a group. */
export const groupMember: DirectoryType = {
  token: "azuread:index/groupMember:GroupMember",
  inputs: z.strictObject({ groupObjectId: text, memberObjectId: text }),
  replaceOn: ["groupObjectId", "memberObjectId"],
  computed: [],

  create(inputs, tenant) {
    const { groupObjectId, memberObjectId } = inputs as { groupObjectId: string; memberObjectId: string };
    requirePrincipals([groupObjectId, memberObjectId], tenant);
    if (tenant.azure.directory.get(groupObjectId)?.kind !== "Group") {
      throw graphError(404, "Request_ResourceNotFound", `Resource '${groupObjectId}' is not a group.`);
    }
    const id = `${groupObjectId}/member/${memberObjectId}`;
    if (groupMember.read(id, tenant)) {
      throw new Error(
        `A resource with the ID "${id}" already exists - it needs to be imported into the state.`,
      );
    }
    tenant.azure.directory.addMember(groupObjectId, memberObjectId);
    return { id, outputs: inputs };
  },

  update: (_id, inputs) => inputs,

  read(id, tenant) {
    const [groupObjectId = "", , memberObjectId = ""] = id.split("/");
    return tenant.azure.directory.isMember(groupObjectId, memberObjectId)
      ? { groupObjectId, memberObjectId }
      : undefined;
  },

  delete(id, tenant) {
    const [groupObjectId = "", , memberObjectId = ""] = id.split("/");
    tenant.azure.directory.removeMember(groupObjectId, memberObjectId);
  },
};
