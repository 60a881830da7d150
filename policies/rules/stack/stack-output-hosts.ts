import { azureHostSuffixes } from "../../allowlists/outsiders.ts";
import type { DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { pulumiDocs } from "../../azure/engine/sources.ts";
import { idPaths, isIdOf } from "../../azure/engine/stack-values.ts";
import { isProgramType, types } from "../../azure/engine/type-tokens.ts";
import { leafValues, valueAt } from "../../azure/engine/value.ts";

/** The inputs that are the first part of a host in Azure. */
const hostNames: [type: string, property: string][] = [
  [types.iotHub, "resourceName"],
  [types.storageAccount, "accountName"],
  [types.apiManagement, "serviceName"],
];

const url = /[a-z][a-z0-9+.-]*:\/\/([^/?#\s"']*)/gi;
const bareHost = /^(?:[a-z0-9_-]+\.)+[a-z]{2,}$/i;

export const stackOutputHosts: StackRule = {
  id: "stack-output-hosts",
  severity: "high",
  description: "A host or a resource ID in an output is one of the stack's own resources.",
  reason: "The command line and terminals send keys and files to the hosts in the outputs.",
  remedy: "Export the host that the resource returns; the suffixes are in policies/allowlists/outsiders.ts.",
  sources: [pulumiDocs("Stack outputs", "iac/concepts/stacks")],
  checkStack: (resources) => {
    const allowed = ownHosts(resources);
    return resources
      .filter(({ type }) => isProgramType(type))
      .flatMap((resource) =>
        leafValues(resource.properties).flatMap(([path, value]) => [
          ...hostsIn(value)
            .filter((host) => !allowed.has(host))
            .map((host) => ({
              resource,
              problem: `the output ${path} names the host ${host}, which is not of the stack.`,
            })),
          ...(isForeignId(resources, value)
            ? [{ resource, problem: `the output ${path} is the ID of a resource that is not of the stack.` }]
            : []),
        ]),
      );
  },
};

/** The hosts of a URL, without user names and ports, or the value itself where it is a host. */
function hostsIn(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const hosts = bareHost.test(value) ? [value] : [...value.matchAll(url)].map(([, host]) => host!);
  return hosts.map((host) => host.toLowerCase());
}

/** By type: the resource ID after "providers/". */
const idPathByType: [type: string, idPath: string][] = [
  [types.iotHub, idPaths.iotHub],
  [types.storageAccount, idPaths.storageAccount],
  [types.table, idPaths.table],
  [types.blobContainer, idPaths.container],
  [types.apiManagement, idPaths.apiManagement],
  [types.api, idPaths.api],
  [types.workspace, idPaths.workspace],
];

/** Whether a value is the ID of a resource, and of none of the stack. */
const isForeignId = (resources: DeclaredResource[], value: unknown): boolean =>
  typeof value === "string" &&
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//i.test(value) &&
  !idPathByType.some(([type, idPath]) =>
    resources.some((resource) => resource.type === type && isIdOf(resource, idPath, value)),
  );

function ownHosts(resources: DeclaredResource[]): Set<string> {
  const names = hostNames.flatMap(([type, property]) =>
    resources
      .filter((resource) => resource.type === type)
      .map(({ properties }) => valueAt(properties, property))
      .filter((name) => typeof name === "string"),
  );
  return new Set(
    names.flatMap((name) => azureHostSuffixes.map((suffix) => `${name}${suffix}`.toLowerCase())),
  );
}
