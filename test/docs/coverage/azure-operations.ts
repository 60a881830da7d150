import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Route } from "../../../sandbox/core/list-routes.ts";
import { projectRoot } from "../../support/project-root.ts";

/*
 * What Azure has, for the comparison in docs/coverage.md: from the official SDKs where they list it, otherwise from the
 * pages of Microsoft's documentation that are named here.
 */

const modules = join(projectRoot, "node_modules");

/** The operations of IoT Hub's service API, which Microsoft generated into the Node SDK. */
export function hubServiceOperations(): Route[] {
  const folder = join(modules, "azure-iothub", "dist", "pl", "operations");
  const texts = globSync("*.js", { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"));
  return texts
    .flatMap((text) => [...text.matchAll(/httpMethod: "(\w+)",\s*path: "([^"]+)"/g)])
    .map(([, method, path]) => ({ method: method!, path: `/${path!.replace(/\{(\w+)\}/g, ":$1")}` }));
}

/** The operations of the blob or table REST API, which Azurite's authors generated from Microsoft's specification. */
export function storageOperations(service: "blob" | "table"): string[] {
  const file = join(modules, "azurite", "dist", "src", service, "generated", "artifacts", "operation.js");
  return [...readFileSync(file, "utf8").matchAll(/Operation\["(\w+)"\]/g)].map(([, name]) => name!);
}

/** Pulumi's tokens of all resource types of a module, which azure-native has from Azure's REST specifications. */
export function nativeTypes(module: string): string[] {
  const text = readFileSync(join(modules, "@pulumi", "azure-native", module, "index.js"), "utf8");
  return [...text.matchAll(/case "(azure-native:[\w:]+)"/g)].map(([, token]) => token!).sort();
}

/** Source: "API Management policy reference" (api-management/api-management-policies), without those for GraphQL resolvers. */
export const apiPolicies = `authentication-basic authentication-certificate authentication-managed-identity
  azure-openai-emit-token-metric azure-openai-semantic-cache-lookup azure-openai-semantic-cache-store
  azure-openai-token-limit cache-lookup cache-lookup-value cache-remove-value cache-store cache-store-value
  check-header choose cors cross-domain emit-metric find-and-replace forward-request get-authorization-context
  include-fragment invoke-dapr-binding ip-filter json-to-xml jsonp limit-concurrency llm-content-safety
  llm-emit-token-metric llm-semantic-cache-lookup llm-semantic-cache-store llm-token-limit log-to-eventhub
  mock-response proxy publish-to-dapr quota quota-by-key rate-limit rate-limit-by-key redirect-content-urls retry
  return-response rewrite-uri send-one-way-request send-request set-backend-service set-body set-header set-method
  set-query-parameter set-status set-variable trace validate-azure-ad-token validate-client-certificate
  validate-content validate-graphql-request validate-headers validate-jwt validate-odata-request validate-parameters
  validate-status-code wait xml-to-json xsl-transform`.split(/\s+/);

/** Source: "Microsoft identity platform and the OAuth 2.0 flows", and the metadata document of OpenID Connect. */
export const entraOperations: Route[] = [
  { method: "GET", path: "/:tenant/oauth2/v2.0/authorize" },
  { method: "POST", path: "/:tenant/oauth2/v2.0/devicecode" },
  { method: "GET", path: "/:tenant/oauth2/v2.0/logout" },
  { method: "POST", path: "/:tenant/oauth2/token" },
];

/** Source: "Azure Monitor Log Analytics API" (azure-monitor/logs/api/overview). */
export const logOperations: Route[] = [
  { method: "GET", path: "/v1/workspaces/:workspace/query" },
  { method: "GET", path: "/v1/workspaces/:workspace/metadata" },
  { method: "POST", path: "/v1/$batch" },
];

/** Source: "Use MQTT to communicate with Azure IoT Hub" (iot/iot-mqtt-connect-to-iot-hub). */
export const mqttTopics: { direction: "publish" | "subscribe"; topic: string; what: string }[] = [
  { direction: "publish", topic: "devices/{device}/messages/events/{properties}", what: "messages" },
  { direction: "publish", topic: "$iothub/twin/GET/?$rid={id}", what: "read the twin" },
  {
    direction: "publish",
    topic: "$iothub/twin/PATCH/properties/reported/?$rid={id}",
    what: "reported properties",
  },
  { direction: "publish", topic: "$iothub/methods/res/{status}/?$rid={id}", what: "answer of a direct method" },
  {
    direction: "publish",
    topic: "devices/{device}/modules/{module}/messages/events/",
    what: "messages of a module",
  },
  { direction: "subscribe", topic: "devices/{device}/messages/devicebound/#", what: "messages to the device" },
  { direction: "subscribe", topic: "$iothub/twin/res/#", what: "answers to twin requests" },
  {
    direction: "subscribe",
    topic: "$iothub/twin/PATCH/properties/desired/#",
    what: "changes of desired properties",
  },
  { direction: "subscribe", topic: "$iothub/methods/POST/#", what: "direct methods" },
];

/** Source: "Kusto Query Language", tabular operators; those that Log Analytics documents. */
export const kustoOperators = `count datatable distinct evaluate extend facet find getschema invoke join limit lookup
  make-series mv-apply mv-expand order parse parse-where partition project project-away project-keep project-rename
  project-reorder render sample sample-distinct scan search serialize sort summarize take top top-nested union
  where`.split(/\s+/);
