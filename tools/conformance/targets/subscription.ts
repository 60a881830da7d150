import { ArmClient } from "../clients/arm.ts";
import type { Answer } from "../clients/http.ts";
import { groupNameOf } from "../fixture.ts";
import type { Target } from "./target.ts";

/** The providers of the resource types that checks create. */
const providers = ["Microsoft.Storage", "Microsoft.Devices", "Microsoft.ApiManagement"];

interface Permission {
  actions?: string[];
  notActions?: string[];
}

/**
 * Signs in and reads the subscription, before anything is created.
 * @returns Lines for the person who is asked: the subscription's name, and what will keep checks from telling.
 * @throws Error when the sign-in is refused, or the subscription cannot be read or is not enabled.
 */
export async function inspectSubscription(
  target: Target,
  cleanUp: (runId: string) => string,
): Promise<string[]> {
  await signIn(target);
  const arm = new ArmClient(target);
  const answer = await arm.send("GET", arm.subscription);
  if (answer.status !== 200) {
    throw new Error(
      `the subscription ${target.subscriptionId} cannot be read: ${reasonOf(answer)}. \`az account list\` shows those of the signed-in account: pass one with --subscription ID`,
    );
  }
  const { displayName, state } = answer.json;
  if (state !== "Enabled")
    throw new Error(`the subscription ${displayName} is ${state}, and must be Enabled`);
  return [
    `Signed in to the subscription ${displayName}.`,
    ...(await permissionWarnings(arm)),
    ...(await providerWarnings(arm)),
    ...(await leftovers(arm)).map(
      (runId) => `${groupNameOf(runId)} is left from an earlier run. Delete it with: ${cleanUp(runId)}`,
    ),
  ];
}

async function signIn(target: Target): Promise<void> {
  try {
    await target.credential.getToken("https://management.azure.com/.default");
  } catch (error) {
    throw new Error(
      "cannot sign in to Azure. Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
      { cause: error },
    );
  }
}

/** Role assignments need a right that a Contributor does not have. */
async function permissionWarnings(arm: ArmClient): Promise<string[]> {
  const path = `${arm.subscription}/providers/Microsoft.Authorization/permissions`;
  const { status, json } = await arm.send("GET", path);
  if (status !== 200) return [];
  const permissions: Permission[] = json.value;
  const isOwner = permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((action) => /^(\*|microsoft\.authorization\/)/i.test(action)) &&
      !notActions.some((action) => /^(\*|microsoft\.authorization\/)/i.test(action)),
  );
  if (isOwner) return [];
  return [
    "The signed-in account cannot assign roles here, as an Owner can: checks that need a role will not be able to tell.",
  ];
}

async function providerWarnings(arm: ArmClient): Promise<string[]> {
  const warnings: string[] = [];
  for (const provider of providers) {
    const { status, json } = await arm.send("GET", `${arm.subscription}/providers/${provider}`, {
      version: "2021-04-01",
    });
    if (status !== 200 || json.registrationState === "Registered") continue;
    warnings.push(
      `${provider} is ${json.registrationState}: its checks will not be able to tell. Register it with: az provider register --namespace ${provider}`,
    );
  }
  return warnings;
}

/** The IDs of the runs that left a resource group behind. */
async function leftovers(arm: ArmClient): Promise<string[]> {
  const { status, json } = await arm.send("GET", `${arm.subscription}/resourceGroups`);
  if (status !== 200) return [];
  return (json.value as { name: string }[]).flatMap(
    ({ name }) => /^conformance-([0-9a-f]{8})$/.exec(name)?.[1] ?? [],
  );
}

const reasonOf = ({ status, json, text }: Answer) =>
  json?.error ? `${status} ${json.error.code}: ${json.error.message}` : `${status} ${text}`;
