import { decodeJwt } from "jose";
import { z } from "zod";
import {
  type Check,
  type CheckInputs,
  couldNotTell,
  type Finding,
  failed,
  listOf,
  passed,
} from "../check.ts";

/** What the program creates in Entra ID, and who may create it. */
const needs = [
  {
    what: "applications",
    permissions: ["Application.ReadWrite.All", "Directory.ReadWrite.All"],
    /** Application Administrator, Cloud Application Administrator. */
    roles: ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7"],
    setting: "allowedToCreateApps",
  },
  {
    what: "groups",
    permissions: ["Group.ReadWrite.All", "Directory.ReadWrite.All"],
    /** Groups Administrator, User Administrator. */
    roles: ["fdd7a751-b60b-444a-984c-02652fe8fa1c", "fe930be7-5e62-47db-91af-98c3a49a38b1"],
    setting: "allowedToCreateSecurityGroups",
  },
] as const;

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";

const claims = z.looseObject({
  idtyp: z.string().optional(),
  roles: z.array(z.string()).optional(),
  wids: z.array(z.string()).optional(),
  scp: z.string().optional(),
});

const policy = z.looseObject({
  defaultUserRolePermissions: z.looseObject({
    allowedToCreateApps: z.boolean().nullish(),
    allowedToCreateSecurityGroups: z.boolean().nullish(),
  }),
});

/**
 * Whether the deployer may create the group and the application of the operators. The token for Microsoft Graph holds
 * a pipeline's application permissions (`roles`) and a person's directory roles (`wids`, the template IDs of
 * "Microsoft Entra built-in roles"), those that come from groups included ("Access token claims reference"). A person
 * without such a role may still create both where the tenant lets every member ("Get authorizationPolicy").
 */
export const directoryRoleCheck: Check = {
  id: "directory-roles",
  async run(inputs) {
    const token = await inputs.signIn.credential.getToken(`https://${inputs.graph.host}/.default`, {
      abortSignal: inputs.signal,
    });
    const { idtyp, roles = [], wids, scp } = claims.parse(decodeJwt(token?.token ?? ""));
    const isPerson = idtyp === "user" || scp !== undefined;
    if (!isPerson) return checkPipeline(roles);
    if (wids === undefined) {
      return couldNotTell("the sign-in does not say which directory roles the deployer has", personRemedy);
    }
    return checkPerson(wids, inputs);
  },
};

function checkPipeline(roles: string[]): Finding {
  const missing = needs.filter(({ permissions }) => !permissions.some((each) => roles.includes(each)));
  if (missing.length === 0) return passed("the deployer's application may create applications and groups");
  const permissions = missing.map((need) => need.permissions[0]);
  return failed(
    `the deployer's application lacks the Microsoft Graph permission ${listOf(permissions)}`,
    `An administrator adds ${listOf(permissions)} to it as an application permission, and gives the tenant's consent: Entra admin center > App registrations > API permissions.`,
  );
}

const personRemedy =
  "The deployer needs the directory roles Application Administrator and Groups Administrator: Entra admin center > Roles & admins.";

async function checkPerson(wids: string[], { graph, signal }: CheckInputs): Promise<Finding> {
  const has = (roles: readonly string[]) =>
    [...roles, globalAdministrator].some((role) => wids.includes(role));
  const missing = needs.filter(({ roles }) => !has(roles));
  if (missing.length === 0) return passed("the deployer's directory roles allow applications and groups");
  const { defaultUserRolePermissions } = await graph.get(
    "/v1.0/policies/authorizationPolicy",
    policy,
    signal,
  );
  const refused = missing.filter(({ setting }) => defaultUserRolePermissions[setting] !== true);
  if (refused.length === 0) {
    return passed("this tenant lets every member create applications and groups, and the deployer is one");
  }
  return failed(`the deployer may not create ${listOf(refused.map(({ what }) => what))}`, personRemedy);
}
