import type { Route } from "../../../sandbox/core/list-routes.ts";
import type { ServiceEndpoint } from "../../../sandbox/proxy/service-endpoint.ts";
import { listInputs } from "../../../sandbox/resource-manager/input-effect.ts";
import type { ResourceType } from "../../../sandbox/resource-manager/resource-type.ts";
import { resourceTypes } from "../../../sandbox/resource-manager/resource-type-registry.ts";
import { restRulesOf } from "../../../sandbox/resource-manager/rest-api/rest-rules.ts";
import { policies } from "../../../sandbox/services/api-management/policy/policies.ts";
import { builtInRoles } from "../../../sandbox/services/authorization/roles.ts";
import { parseFilter, parseRequest } from "../../../sandbox/services/iot-hub/device/topics.ts";
import { operators } from "../../../sandbox/services/monitor/kusto/query.ts";
import { blobOperations } from "../../../sandbox/services/storage/operations/blob-operations.ts";
import { tableOperations } from "../../../sandbox/services/storage/operations/table-operations.ts";
import {
  apiPolicies,
  entraOperations,
  hubServiceOperations,
  kustoOperators,
  logOperations,
  mqttTopics,
  nativeTypes,
  storageOperations,
} from "./azure-operations.ts";

/** Whether the sandbox does an operation, refuses it with its name, or answers as if it did not exist. */
export type Coverage = "done" | "refused by name" | "not there";

/** The endpoints whose routes the page lists. */
export interface Endpoints {
  resourceManager: ServiceEndpoint;
  iotHub: ServiceEndpoint;
  entraId: ServiceEndpoint;
  graph: ServiceEndpoint;
  logs: ServiceEndpoint;
}

/** Modules of azure-native, with the name of the service. */
const modules: Record<string, string> = {
  resources: "Resource groups and deployments",
  iothub: "IoT Hub",
  storage: "Storage",
  apimanagement: "API Management",
  authorization: "Roles and policies",
  monitor: "Monitor",
  operationalinsights: "Log Analytics",
};

/** The text of docs/coverage.md. */
export function coveragePage(endpoints: Endpoints): string {
  return [
    "# Coverage of Azure by the sandbox",
    "This page is made from the sandbox's code by `npx vitest run test/docs/coverage.test.ts -u`, and a test keeps it current. How the sandbox behaves in detail, and how each behaviour is known, is in [sandbox-fidelity.md](sandbox-fidelity.md).",
    "- *done*: the sandbox does it, as far as the fidelity page says.\n- *refused by name*: the answer is an error that names what the sandbox does not have. Nothing is ignored.\n- *not there*: the answer is that of an address that does not exist.",
    "Azure's operations come from the official SDKs where these list them, otherwise from Microsoft's pages: see `test/docs/coverage/azure-operations.ts`. A host of any other service is refused by the proxy, with its name.",
    "## Resource types",
    "Each type has PUT, GET, HEAD and lists over REST, and exists in deployments by Pulumi.",
    table(
      ["type", "PATCH", "DELETE", "actions that a role grants", "inputs enforced", "with refused values", "without effect"],
      [...resourceTypes].sort(byType).map(typeRow),
    ),
    "### Inputs with refused values",
    table(["type", "input", "refused"], [...resourceTypes].sort(byType).flatMap(restrictedRows)),
    "### Other resource types",
    "Every other type is refused by name, in deployments and over REST. Of the namespaces above, these are:",
    table(["service", "refused by name"], Object.keys(modules).map(refusedTypesRow)),
    "## Azure Resource Manager, beside resource types",
    routeTable(endpoints.resourceManager.routes ?? [], [], "refused by name"),
    "## IoT Hub",
    "### Service and device API over HTTPS",
    routeTable(endpoints.iotHub.routes ?? [], hubServiceOperations(), "refused by name"),
    "### MQTT",
    "A topic that is not there ends the connection, as the hub does with a topic that it does not have.",
    table(["topic", "what", "coverage"], mqttTopics.map(topicRow)),
    "## Storage",
    "### Blobs",
    storageTable("blob", Object.values(blobOperations).map(({ name }) => name)),
    "### Tables",
    storageTable("table", Object.values(tableOperations).map(({ name }) => name)),
    "## API Management: policies",
    "A policy that the gateway cannot run is refused when it is deployed.",
    nameTable(apiPolicies, [...policies.keys()], "refused by name"),
    "## Microsoft Entra ID",
    routeTable(endpoints.entraId.routes ?? [], entraOperations, "refused by name"),
    "## Microsoft Graph",
    "Every other call is refused by name.",
    routeTable(endpoints.graph.routes ?? [], [], "refused by name"),
    "## Log Analytics queries",
    routeTable(endpoints.logs.routes ?? [], logOperations, "not there"),
    "Operators of Kusto:",
    nameTable(kustoOperators, Object.keys(operators), "refused by name"),
    "## Built-in roles",
    "Every other role is refused: `RoleDefinitionDoesNotExist`. Custom roles can be declared.",
    table(["role", "id"], builtInRoles.map(({ name, guid }) => [name, code(guid)]).sort()),
  ].join("\n\n");
}

const byType = (a: ResourceType, b: ResourceType) => (a.type < b.type ? -1 : 1);

function typeRow(type: ResourceType): string[] {
  const inputs = listInputs(type.inputs);
  const count = (kind: string) => String(inputs.filter(({ effect }) => effect?.kind === kind).length);
  const { patch = "any" } = restRulesOf(type.type);
  const patchCell = { any: "done", tags: "tags only", none: "refused by name" }[patch];
  return [
    code(type.type),
    patchCell,
    type.singleton ? "refused by name" : "done",
    (type.actions ?? []).map((action) => code(action.replace(/\/action$/, ""))).join(", "),
    count("enforced"),
    count("restricted"),
    count("none"),
  ];
}

function restrictedRows(type: ResourceType): string[][] {
  return listInputs(type.inputs)
    .filter(({ effect }) => effect?.kind === "restricted")
    .map(({ path, effect }) => [code(type.type), code(path), effect!.note]);
}

function refusedTypesRow(module: string): string[] {
  const known = new Set(resourceTypes.map(({ token }) => token));
  const refused = nativeTypes(module).filter((token) => !known.has(token));
  return [modules[module]!, refused.map((token) => token.split(":").at(-1)).join(", ") || "none"];
}

/** One row for each route of the sandbox, then for each operation of Azure that it does not have. */
function routeTable(routes: readonly Route[], azure: readonly Route[], otherwise: Coverage): string {
  const shape = ({ method, path }: Route) => `${method} ${path.replace(/:\w+(\{[^}]*\})?/g, ":").toLowerCase()}`;
  const done = new Set(routes.map(shape));
  const missing = azure.filter((operation) => !done.has(shape(operation)));
  const row = (coverage: Coverage) => (route: Route) => [code(routeText(route)), coverage];
  const sort = (list: readonly Route[]) => [...list].sort((a, b) => (a.path + a.method < b.path + b.method ? -1 : 1));
  return table(
    ["operation", "coverage"],
    [...sort(routes).map(row("done")), ...sort(missing).map(row(otherwise))],
  );
}

const routeText = ({ method, path }: Route) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`;

function topicRow({ direction, topic, what }: (typeof mqttTopics)[number]): string[] {
  const example = topic
    .replace("{device}", "d")
    .replace("{module}", "m")
    .replace("{id}", "1")
    .replace("{status}", "200")
    .replace("{properties}", "");
  const parse = direction === "publish" ? parseRequest : parseFilter;
  return [code(`${direction} ${topic}`), what, parse(example, "d") === undefined ? "not there" : "done"];
}

function storageTable(service: "blob" | "table", names: (string | ((request: never) => string))[]): string {
  const done = names.map(operationPattern);
  const rows = storageOperations(service)
    .sort()
    .map((name) => [code(name), done.some((pattern) => pattern.test(name)) ? "done" : "refused by name"]);
  return table(["operation", "coverage"], rows);
}

/** Matches the names that an entry of the table of operations can have. */
function operationPattern(name: string | ((request: never) => string)): RegExp {
  if (typeof name === "string") return new RegExp(`^${name}$`);
  const source = String(name).replace(/\$\{[^}]*\}/g, "@");
  const names = [...source.matchAll(/["'`]([A-Z]\w+_[\w@]+)["'`]/g)].map(([, each]) => each!.replace("@", "\\w+"));
  if (names.length === 0) throw new Error(`No name of an operation is in: ${source}`);
  return new RegExp(`^(${names.join("|")})$`);
}

/** Two rows: the names that are done, and those that Azure has beside them. */
function nameTable(azure: readonly string[], done: readonly string[], otherwise: Coverage): string {
  const missing = azure.filter((name) => !done.includes(name));
  const list = (names: readonly string[]) => [...names].sort().map(code).join(", ");
  return table(["coverage", "names"], [
    ["done", list(done)],
    [otherwise, list(missing)],
  ]);
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${header.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

const code = (text: string) => `\`${text}\``;
