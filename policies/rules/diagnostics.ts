import { inAccount, ofType } from "../engine/resource-queries.ts";
import {
  type Declared,
  type Finding,
  mustBe,
  property,
  type ResourceRule,
  type StackRule,
} from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { at, isEmpty, items, type Value } from "../engine/value.ts";
import { between } from "./storage.ts";

/** Types with logs and metrics of their own; a storage account's logs are those of its services. */
const logging = [types.hub, types.gateway, types.workspace];

/** How the ID of a storage account's service ends. */
const servicePath = /\/\w+Services\/default$/;

const isLogged = (item: Value) => at(item, "categoryGroup") === "allLogs" && at(item, "enabled") === true;
/** The one category of metrics that a type has: all but storage accounts call it AllMetrics. */
const isMeasured = (item: Value) =>
  ["AllMetrics", "Transaction"].includes(String(at(item, "category"))) && at(item, "enabled") === true;

/** The workspace that the logs are in. */
export const logRules: ResourceRule[] = [
  {
    name: "logs-open-to-entra-id-only",
    reason: "With the workspace's own keys anybody who has seen one adds records of what never was.",
    remedy: "Set features.disableLocalAuth to true.",
    sources: ["Azure Policy e15effd4", "design: identities"],
    check: { [types.workspace]: mustBe("features.disableLocalAuth", true) },
  },
  {
    name: "logs-are-kept",
    reason: "Somebody asks what happened weeks after it did.",
    remedy: "Set retentionInDays to 30 to 730.",
    sources: ["design: records"],
    check: { [types.workspace]: property("retentionInDays", "30 to 730", between(30, 730)) },
  },
];

/** What happens is recorded, all of it, and in West Europe. */
export const diagnosticsRules: StackRule[] = [
  {
    name: "diagnostics-present",
    reason: "Without logs nobody sees who came in, who was refused, and which file's key was used.",
    remedy:
      "Add a DiagnosticSetting with the stack's workspace, the category group allLogs and the type's metrics.",
    sources: ["Azure Policy 383856f8", "CKV2_AZURE_21", "Azure Verified Modules"],
    checkStack: (resources) => [
      ...logging.flatMap((type) =>
        ofType(resources, type).flatMap((resource) => [
          ...lacks(resources, resource, "", "logs"),
          ...lacks(resources, resource, "", "metrics"),
        ]),
      ),
      ...ofType(resources, types.storageAccount).flatMap((account) => [
        ...lacks(resources, account, "", "metrics"),
        ...lacks(resources, account, serviceOf(resources, account), "logs"),
      ]),
    ],
  },
  {
    name: "logs-go-to-the-stack-alone",
    reason:
      "Logs name terminals, addresses and operators, and stay in West Europe with everything else that does.",
    remedy: "Send them to the stack's own workspace, and nowhere else.",
    sources: ["design: regions"],
    checkStack: (resources) =>
      ofType(resources, types.diagnostics).flatMap((resource) => [
        ...(goesHome(resources, resource)
          ? []
          : [{ resource, problem: "its workspaceId is not made from the stack's workspace." }]),
        ...otherPlaces
          .filter((place) => !isEmpty(at(resource.properties, place)))
          .map((place) => ({ resource, problem: `${place} is set, and must be absent.` })),
      ]),
  },
];

/** Where else a diagnostic setting can send what it is given. */
const otherPlaces = [
  "storageAccountId",
  "eventHubAuthorizationRuleId",
  "serviceBusRuleId",
  "marketplacePartnerId",
];

const goesHome = (resources: Declared[], setting: Declared) =>
  at(setting.properties, "workspaceId") !== undefined &&
  ofType(resources, types.workspace).some(({ urn }) => setting.madeFrom("workspaceId").includes(urn));

/** Where an account's logs are: each service has its own, and an account here holds either tables or blobs. */
const serviceOf = (resources: Declared[], account: Declared) =>
  inAccount(resources, account, types.table).length > 0 ? "/tableServices/default" : "/blobServices/default";

/** The finding that nothing sends all of these of `resource`, or of the part of it whose ID ends in `suffix`. */
function lacks(
  resources: Declared[],
  resource: Declared,
  suffix: string,
  what: "logs" | "metrics",
): Finding[] {
  const sent = ofType(resources, types.diagnostics).some((setting) => {
    const uri = at(setting.properties, "resourceUri");
    return (
      setting.madeFrom("resourceUri").includes(resource.urn) &&
      // While the ID is not known, a setting that sends the right things of the right resource will do.
      (typeof uri !== "string" || (servicePath.exec(uri)?.[0] ?? "") === suffix) &&
      goesHome(resources, setting) &&
      items(at(setting.properties, what)).some(what === "logs" ? isLogged : isMeasured)
    );
  });
  return sent
    ? []
    : [{ resource, problem: `${suffix || "it"} does not send all ${what} to the stack's workspace.` }];
}
