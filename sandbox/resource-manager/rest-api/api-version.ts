import { apiVersionsOf } from "../api-versions.ts";
import { ArmError } from "../arm-error.ts";
import { allRegions } from "../regions.ts";
import { resourceGroupId } from "../resource-ids.ts";
import { resourceTypes } from "../resource-type-registry.ts";
import type { Resources } from "../resources.ts";

/** The namespace of Resource Manager's own calls: subscriptions, tenants, resource groups, providers. */
const ownNamespace = "Microsoft.Resources";

/**
 * Checks the api-version of a request. Resource Manager compares it with the versions of the resource type in the path.
 * Source of the codes and the messages' forms: Azure/azure-cli#28496 (a type of a resource provider) and #28038
 * (Resource Manager's own calls).
 * @param path The request's path, in any case.
 * @throws ArmError MissingApiVersionParameter, InvalidApiVersionParameter or NoRegisteredProviderFound (400).
 */
export function checkApiVersion(path: string, version: string | undefined, resources: Resources): void {
  if (!version) {
    throw new ArmError(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  const type = typeOfPath(path);
  const supported = type === undefined ? [] : apiVersionsOf(type);
  // A namespace without a list is not in the sandbox: its calls are refused by name, or checked by their own route.
  if (supported.length === 0 && isWellFormed(version)) return;
  if (supported.includes(version.toLowerCase())) return;
  if (type === undefined || !isWellFormed(version) || type.startsWith(ownNamespace)) {
    throw new ArmError(
      400,
      "InvalidApiVersionParameter",
      `The api-version '${version}' is invalid. The supported versions are '${supported.join(",")}'.`,
    );
  }
  const known = resourceTypes.find((each) => each.type === type);
  throw new ArmError(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for location '${locationOf(path, resources)}' and API version ` +
      `'${version}' for type '${type.slice(type.indexOf("/") + 1)}'. The supported api-versions are ` +
      `'${supported.join(", ")}'. The supported locations are '${(known?.regions ?? allRegions).join(", ")}'.`,
  );
}

function isWellFormed(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(version);
}

/** Calls of a resource provider that are below no resource: names, locations, SKUs, soft-deleted resources. */
const callOfProvider = /^(check\w+|locations|operations|skus|deleted\w+|permissions|policyAssignments)?$/i;

/**
 * The known resource type that a path names, also with an action or an unknown child behind it; without one, the
 * namespace, or undefined for an unknown type of a known namespace: its versions are not known here, and it is refused by name. A
 * path without a provider belongs to Resource Manager itself.
 */
function typeOfPath(path: string): string | undefined {
  // The registration of a provider belongs to Resource Manager itself.
  if (/^(\/subscriptions\/[^/]+)?\/providers\/[^/]+(\/(un)?register)?$/i.test(path)) return ownNamespace;
  const at = path.toLowerCase().lastIndexOf("/providers/");
  const [namespace, ...rest] = at < 0 ? [] : path.slice(at + "/providers/".length).split("/");
  if (!namespace) return ownNamespace;
  const segments = rest.filter((_, index) => index % 2 === 0);
  for (let length = segments.length; length > 0; length--) {
    const type = [namespace, ...segments.slice(0, length)].join("/").toLowerCase();
    const known = resourceTypes.find((each) => each.type.toLowerCase() === type);
    if (known) return known.type;
  }
  const first = resourceTypes.find(({ type }) =>
    type.toLowerCase().startsWith(`${namespace.toLowerCase()}/`),
  );
  if (!first) return namespace;
  if (first.type.startsWith(`${ownNamespace}/`)) return ownNamespace;
  return callOfProvider.test(rest[0] ?? "") ? first.type : undefined;
}

function locationOf(path: string, resources: Resources): string {
  const resource = resources.get(path) ?? resources.get(resourceGroupId(path) ?? "");
  return resource?.location ?? "";
}
