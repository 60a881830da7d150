import { OperatorError } from "./errors.ts";

/** As the Azure SDKs look for a proxy: the first one that is set counts, in upper case before lower case. */
const proxyVariables = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * The proxy that the environment names must be one, or every call fails in a way that does not say so.
 * @throws OperatorError that names the variable, and not its value: a proxy's URL can hold a password.
 */
export function checkProxy(env: NodeJS.ProcessEnv = process.env): void {
  const name = proxyVariables.find((one) => env[one]);
  if (name === undefined) return;
  const url = URL.parse(env[name] as string);
  if (url && /^https?:$/.test(url.protocol) && url.hostname !== "") return;
  throw new OperatorError("usage", `${name} is not a proxy's URL`, {
    remedy: "Give it with its scheme and port, for example http://proxy.example.com:8080.",
  });
}

/** @throws OperatorError when AZURE_TENANT_ID cannot be a tenant: its ID, or one of its domains. */
export function checkTenant({ AZURE_TENANT_ID: tenant }: NodeJS.ProcessEnv = process.env): void {
  if (!tenant || /^[0-9a-zA-Z-.]+$/.test(tenant)) return;
  throw new OperatorError("usage", `AZURE_TENANT_ID ${JSON.stringify(tenant)} is not a tenant's ID`, {
    remedy: "`az account show --query tenantId` shows it.",
  });
}
