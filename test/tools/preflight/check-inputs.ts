import { ClientSecretCredential } from "@azure/identity";
import { clientOptions } from "../../../cli/azure/http.ts";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import { createGraphEndpoint, graphAudience } from "../../../sandbox/entra-id/graph-endpoint.ts";
import type { TokenClaims } from "../../../sandbox/entra-id/tokens.ts";
import { AzureClient } from "../../../tools/preflight/azure-client.ts";
import type { Check, CheckInputs, Finding } from "../../../tools/preflight/check.ts";
import type { DeclaredResource } from "../../../tools/preflight/declaration.ts";
import { runChecks } from "../../../tools/preflight/run-checks.ts";
import type { StackState } from "../../../tools/preflight/stack-state.ts";
import { type Grant, TestSandbox } from "../../support/test-sandbox.ts";

/** What a test changes of the inputs of a check. */
export interface Situation {
  /** Roles of the deployer; default Owner of the subscription. */
  grants?: Grant[];
  /** The deployer's application permissions for Microsoft Graph; default those that the program needs. */
  appRoles?: string[];
  /** Claims of a person's token for Microsoft Graph; default: the deployer is an application. */
  person?: Pick<TokenClaims, "wids">;
  resources?: DeclaredResource[];
  groupNames?: string[];
  settings?: Record<string, string>;
  state?: StackState;
}

/** Starts a sandbox for checks: Resource Manager, Entra ID and Microsoft Graph. */
export async function startAzure(): Promise<TestSandbox> {
  const sandbox = await TestSandbox.start({ entraId: {}, resourceManager: {} });
  sandbox.endpoints.push(createGraphEndpoint(sandbox.azure));
  return sandbox;
}

/** Runs one check as the command does, and returns its finding. */
export async function runCheck(
  check: Check,
  sandbox: TestSandbox,
  situation: Situation = {},
): Promise<Finding> {
  const inputs = inputsOf(sandbox, situation);
  const options = { limitMs: 30_000, signal: inputs.signal };
  for await (const { finding } of runChecks([check], inputs, options)) return finding;
  throw new Error("There is no line of the check.");
}

function inputsOf(sandbox: TestSandbox, situation: Situation): CheckInputs {
  const { azure, network } = sandbox;
  const deployer = sandbox.principal(...(situation.grants ?? [{ role: "Owner" }]));
  const { person, appRoles = ["Application.ReadWrite.All", "Group.ReadWrite.All"] } = situation;
  azure.directory.setAppRoles(deployer.objectId, appRoles);
  const ofApplication = new ClientSecretCredential(
    azure.tenantId,
    deployer.appId,
    deployer.secret,
    clientOptions(network),
  );
  const signIn = signInWith({
    async getToken(scopes) {
      if (!person || !String(scopes).startsWith(graphAudience)) return ofApplication.getToken(scopes);
      const claims = { idtyp: "user" as const, ...person };
      const { token, expiresIn } = await azure.tokens.issue(deployer, graphAudience, claims);
      return { token, expiresOnTimestamp: Date.now() + expiresIn * 1000 };
    },
  });
  return {
    azure: new AzureClient("management.azure.com", signIn, network),
    graph: new AzureClient("graph.microsoft.com", signIn, network),
    signIn,
    subscriptionId: azure.subscriptionId,
    signal: new AbortController().signal,
    state: situation.state ?? { kind: "new" },
    declaration: {
      settings: situation.settings ?? {},
      subscriptionId: azure.subscriptionId,
      resources: situation.resources ?? [],
      groupNames: situation.groupNames ?? [],
      unknownTypes: [],
    },
  };
}

/** A declared resource. */
export function declared(
  type: string,
  name: string | undefined,
  body: Partial<DeclaredResource["body"]> = {},
): DeclaredResource {
  return {
    label: `example-${name}`,
    type,
    apiVersion: "2024-01-01",
    name,
    body: { properties: {}, ...body },
  };
}
