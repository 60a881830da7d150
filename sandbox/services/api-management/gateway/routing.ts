import type { Resource } from "../../../resource-manager/resources.ts";
import type { Url } from "../url.ts";

/** An operation of an API with its compiled URL template. */
export interface OperationRoute {
  id: string;
  displayName: string;
  method: string;
  urlTemplate: string;
  pattern: RegExp;
  /** Names of the path parameters, in order. */
  parameters: string[];
  /** Query parameters of the template by lower-case name: a fixed text, or a parameter with any value. */
  query: Map<string, { text: string } | { parameter: string }>;
}

/** An API with its operations, most specific first. */
export interface ApiRoute {
  /** Resource ID. */
  id: string;
  name: string;
  displayName: string;
  /** Path without leading and trailing slashes. */
  path: string;
  revision: string;
  version: string | null;
  protocols: string[];
  serviceUrl: string | undefined;
  subscriptionRequired: boolean;
  keyHeader: string;
  keyQuery: string;
  operations: OperationRoute[];
}

/** The API and operation that match a request. */
export interface Match {
  api: ApiRoute;
  operation: OperationRoute;
  /** The path below the API's path, with a leading slash. */
  path: string;
  parameters: Map<string, string>;
}

/** Compiles an API resource and its operations to a route. */
export function routeOf(api: Resource, operations: Resource[]): ApiRoute {
  const properties = api.properties as Record<string, unknown>;
  const names = (properties.subscriptionKeyParameterNames ?? {}) as { header?: string; query?: string };
  const prefix = `${api.id.toLowerCase()}/operations/`;
  return {
    id: api.id,
    name: api.name,
    displayName: (properties.displayName as string | undefined) ?? api.name,
    path: ((properties.path as string | undefined) ?? "").replace(/^\/+|\/+$/g, ""),
    revision: (properties.apiRevision as string | undefined) ?? "1",
    version: (properties.apiVersion as string | undefined) ?? null,
    protocols: (properties.protocols as string[] | undefined) ?? ["https"],
    serviceUrl: properties.serviceUrl as string | undefined,
    subscriptionRequired: (properties.subscriptionRequired as boolean | undefined) ?? true,
    keyHeader: names.header ?? "Ocp-Apim-Subscription-Key",
    keyQuery: names.query ?? "subscription-key",
    operations: operations
      .filter((operation) => operation.id.toLowerCase().startsWith(prefix))
      .map(operationRoute)
      .sort((one, other) => openness(one) - openness(other)),
  };
}

/**
 * Finds the API with the longest matching path prefix, and its operation. Undefined means 404.
 * Operations differ by path and query. Source: "API import restrictions and known issues".
 */
export function match(apis: ApiRoute[], method: string, url: Url): Match | undefined {
  const { path, scheme } = url;
  const lower = path.toLowerCase();
  const api = apis
    .filter((each) => {
      const base = `/${each.path}`.toLowerCase();
      return each.path === "" || lower === base || lower.startsWith(`${base}/`);
    })
    .sort((one, other) => other.path.length - one.path.length)[0];
  if (!api?.protocols.includes(scheme)) return undefined;
  const below = (api.path === "" ? path : path.slice(api.path.length + 1)) || "/";
  for (const operation of api.operations) {
    const found = operation.method === method.toUpperCase() ? operation.pattern.exec(below) : null;
    const queried = found && queryParameters(operation, url);
    if (!queried) continue;
    const values = operation.parameters.map((name, index): [string, string] => [
      name,
      decoded(found[index + 1] ?? ""),
    ]);
    return { api, operation, path: below, parameters: new Map([...values, ...queried]) };
  }
  return undefined;
}

/** The query parameters of the template; undefined when the request's query does not match. */
function queryParameters(operation: OperationRoute, url: Url): [string, string][] | undefined {
  if (operation.query.size === 0) return [];
  const given = url.query();
  const values: [string, string][] = [];
  for (const [name, wanted] of operation.query) {
    const found = given.get(name)?.join(",");
    if (found === undefined || ("text" in wanted && wanted.text !== found)) return undefined;
    if ("parameter" in wanted) values.push([wanted.parameter, found]);
  }
  return values;
}

function queryOf(template: string): OperationRoute["query"] {
  const pairs = [...new URLSearchParams(template)].map(([name, text]) => {
    const parameter = /^\{([^{}]+)\}$/.exec(text)?.[1];
    return [name.toLowerCase(), parameter === undefined ? { text } : { parameter }] as const;
  });
  return new Map(pairs);
}

function operationRoute(resource: Resource): OperationRoute {
  const { method, urlTemplate, displayName } = resource.properties as Record<string, string>;
  const [template = "/", query = ""] = (urlTemplate ?? "/").split("?");
  const parameters: string[] = [];
  const pattern = template.replace(/\{(\*?)([^{}]+)\}|\*|[^{}*]+/g, (piece, star?: string, name?: string) => {
    if (name === undefined) return piece === "*" ? ".*" : RegExp.escape(piece);
    parameters.push(name);
    return star ? "(.*)" : "([^/]+)";
  });
  return {
    id: resource.name,
    displayName: displayName ?? resource.name,
    method: (method ?? "GET").toUpperCase(),
    urlTemplate: urlTemplate ?? "/",
    pattern: new RegExp(`^${pattern}/?$`, "i"),
    parameters,
    query: queryOf(query),
  };
}

/** Number of variable parts: operations with more literal parts are tried first. */
function openness(operation: OperationRoute): number {
  const wildcards = operation.urlTemplate.match(/\*/g)?.length ?? 0;
  const parameters = operation.parameters.length;
  return wildcards * 1000 + parameters * 10 - operation.query.size - operation.urlTemplate.length / 10_000;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
