import type { DeclaredResource, ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";
import { shortName } from "../../engine/type-tokens.ts";

export const resourceNoAliases: ResourceRule = {
  id: "resource-no-aliases",
  severity: "high",
  description: "The only aliases of a resource are its own name with an earlier module of its type.",
  reason: "An alias lets a resource take over the state of another one, which Pulumi then changes in place.",
  remedy: "Remove the alias. A rename that needs one is deployed with pulumi state rename.",
  sources: [pulumiDocs("Resource option: aliases", "iac/concepts/resources/options/aliases")],
  check: (resource) =>
    resource.options.aliases
      .filter((alias) => !isEarlierModule(resource, alias))
      .map((alias) => `the option aliases has ${alias}; it must be absent.`),
};

/** azure-native gives a resource whose type moved to another module an alias of the old type. */
function isEarlierModule({ urn }: DeclaredResource, alias: string): boolean {
  const [own, other] = [urn, alias].map((text) => {
    const [stack, project, types = "", name] = text.split("::");
    const chain = types.split("$");
    return [stack, project, name, shortName(chain.at(-1) ?? ""), chain.at(-1)?.split(":")[0]].join("::");
  });
  return own === other;
}
