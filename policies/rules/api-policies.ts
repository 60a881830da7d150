import { readFileSync } from "node:fs";
import { difference, type Element, everything, parsePolicy } from "../engine/policy-document.ts";
import { ofType } from "../engine/resource-queries.ts";
import { type Check, type Declared, mustBe, type ResourceRule, type StackRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, unknown } from "../engine/value.ts";

/** What the Flow API's policy must be. */
const wanted = parsePolicy(readFileSync(new URL("../allowlists/flow-policy.xml", import.meta.url), "utf8"));

/** One of these words, in whatever case. */
const oneOf = (...words: string[]) =>
  `(?:${words.join("|").replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)})`;

/** The host of one of Azure's own services. */
const azuresOwn = `[\\w.-]*\\.${oneOf("azure", "windows", "microsoft", "microsoftonline")}\\.${oneOf("com", "net")}(?![\\w-])`;

/** What differs from stack to stack in it. */
const holes = {
  table: /https:\/\/[a-z0-9]{3,24}\.table\.core\.windows\.net\/[A-Za-z][A-Za-z0-9]{2,62}/,
  backend: /[\w-]+/,
  // A token for one of Azure's own services would let the Flow API do there what the gateway may.
  audience: new RegExp(`(?:api|https)://(?!${azuresOwn})[A-Za-z0-9][A-Za-z0-9._/-]*`),
  calls: /6000|[1-5]\d{3}|[1-9]\d{0,2}/,
};

/** How a policy differs from what it must be, and what it says where stacks differ. */
function compared(value: unknown): { fault?: string; said: Record<string, string> } {
  const said: Record<string, string> = {};
  try {
    const found = parsePolicy(String(value ?? ""));
    const fault =
      found.name === wanted.name
        ? difference(wanted, found, holes, said)
        : `it is <${found.name}>, and must be <${wanted.name}>.`;
    return { fault, said };
  } catch (error) {
    return { fault: `${(error as Error).message}.`, said };
  }
}

const keepsBothDoors: Check = ({ properties }) => {
  const value = at(properties, "value");
  const { fault } = value === unknown ? {} : compared(value);
  return fault ? [fault] : [];
};

/** Types of policies that act on an API's calls beside its own, and whether they inherit from what is above them. */
const otherPolicies: [type: RegExp, inherits: boolean][] = [
  [/^azure-native:apimanagement:(Workspace)?ApiOperationPolicy$/, true],
  [/^azure-native:apimanagement:WorkspaceApiPolicy$/, true],
  [/^azure-native:apimanagement:(Workspace)?ProductPolicy$/, true],
  [/^azure-native:apimanagement:WorkspacePolicy$/, true],
  [/^azure-native:apimanagement:GraphQLApiResolverPolicy$/, false],
  [/^azure-native:apimanagement:Policy$/, false],
  [/^azure-native:apimanagement:(Workspace)?PolicyFragment$/, false],
];

/** What keeps the second door, and what could get around it. */
export const apiPolicyRules: ResourceRule[] = [
  {
    name: "api-policy-keeps-both-doors",
    reason: "A terminal that was revoked is refused on its next call, and neither key reaches the Flow API.",
    remedy:
      "Use the policy of components/flow-policy.ts; where it is to change, change policies/flow-policy.xml with it.",
    sources: ["AZR-000371", "Azure Policy d5448c98", "AZR-000365", "design: flow ingress"],
    check: {
      // Another format would be read in another way than it is here, or lie behind a link.
      [types.apiPolicy]: (resource) => [...mustBe("format", "xml")(resource), ...keepsBothDoors(resource)],
    },
  },
  {
    name: "policies-inherit",
    reason:
      "A policy that does not begin with what is above it undoes it: the second door, or the deletion of keys.",
    remedy: "Begin each of the four sections with <base />, and name the origins that CORS lets in.",
    sources: ["AZR-000371", "Azure Policy d5448c98", "AZR-000365"],
    check: ({ type, properties }) => {
      // An operation's policy can be written into the operation too, where nobody looks for it.
      if (type === types.apiOperation && !isEmpty(at(properties, "policies"))) {
        return ["its property policies is set: an operation's policy is a resource of its own."];
      }
      const kind = otherPolicies.find(([expression]) => expression.test(type));
      const value = at(properties, "value");
      return kind && value !== unknown ? faultsOf(String(value ?? ""), kind[1]) : [];
    },
  },
];

function faultsOf(value: string, inherits: boolean): string[] {
  let document: Element;
  try {
    document = parsePolicy(value);
  } catch (error) {
    return [`${(error as Error).message}.`];
  }
  const sections = ["inbound", "backend", "outbound", "on-error"].filter((name) => {
    const found = document.children.filter((child) => child.name === name);
    return found.length !== 1 || found[0]!.children[0]?.name !== "base";
  });
  const isOpen = everything(document).some(({ name, text }) => name === "origin" && text === "*");
  return [
    ...(inherits ? sections.map((name) => `the section ${name} does not begin with <base />.`) : []),
    ...(isOpen ? ["it lets every web page call the API (CORS *)."] : []),
  ];
}

/** The same, of what belongs together. */
export const apiPolicyStackRules: StackRule[] = [
  {
    name: "every-api-has-both-doors",
    reason:
      "An API without its policy has one door only, and a policy that asks another table lets others decide.",
    remedy: "Give each API one ApiPolicy, made from the stack's own table and backend.",
    sources: ["design: flow ingress"],
    checkStack: (resources) =>
      ofType(resources, types.api).flatMap((api) => {
        const policies = ofType(resources, types.apiPolicy).filter((policy) =>
          policy.madeFrom("apiId").includes(api.urn),
        );
        if (policies.length !== 1) {
          return [{ resource: api, problem: `it has ${policies.length} policies, and must have one.` }];
        }
        return foreign(resources, policies[0]!).map((problem) => ({ resource: policies[0], problem }));
      }),
  },
];

/** What a policy asks or calls that is not of the stack. */
function foreign(resources: Declared[], policy: Declared): string[] {
  const value = at(policy.properties, "value");
  if (value === unknown) {
    // What it is made from tells, while it is not known.
    const from = policy.madeFrom("value");
    return [types.table, types.backend]
      .filter((type) => !ofType(resources, type).some(({ urn }) => from.includes(urn)))
      .map((type) => `it is not made from the stack's ${type.split(":").at(-1)}.`);
  }
  const { fault, said } = compared(value);
  if (fault) return [];
  const accounts = ofType(resources, types.storageAccount);
  const tables = ofType(resources, types.table).flatMap((table) =>
    accounts
      .filter(({ urn }) => table.madeFrom("accountName").includes(urn))
      .map((account) => {
        const [accountName, tableName] = [
          at(account.properties, "accountName"),
          at(table.properties, "tableName"),
        ];
        return `https://${String(accountName)}.table.core.windows.net/${String(tableName)}`;
      }),
  );
  const backends = ofType(resources, types.backend).map(({ properties }) => at(properties, "backendId"));
  return [
    ...(tables.includes(said.table!)
      ? []
      : [`it looks terminals up in ${said.table}, which is not the stack's.`]),
    ...(backends.includes(said.backend)
      ? []
      : [`it calls the backend ${said.backend}, which is not the stack's.`]),
  ];
}
