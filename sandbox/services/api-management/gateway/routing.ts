import type { Resource } from "../../../resource-manager/resources.ts";
import type { Url } from "../url.ts";

/** An operation of an API with its template made ready. */
export interface OperationRoute {
  id: string;
  displayName: string;
  method: string;
  urlTemplate: string;
  pattern: RegExp;
  /** Names of the parameters in the template's path, in their order. */
  parameters: string[];
  /** What the template's query asks for, by name in lower case: a text, or any as a parameter. */
  query: Map<string, { text: string } | { parameter: string }>;
}

/** An API with its operations, the most specific first. */
export interface ApiRoute {
  /** Resource ID. */
  id: string;
  name: string;
  displayName: string;
  /** Without slashes at its ends. */
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

/** What a request's URL and method lead to. */
export interface Match {
  api: ApiRoute;
  operation: OperationRoute;
  /** The path below the API's, with its slash. */
  path: string;
  parameters: Map<string, string>;
}

/** An API resource, with those of all operations, as a route. */
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
 * The API with the longest path that the request's begins with, and its operation; undefined is a 404.
 * Operations are told apart by path and query. Source: "API import restrictions and known issues".
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

/** The parameters that the template's query names; undefined when the request's query is another. */
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

/** How much a template leaves open: operations that name more of the path are tried first. */
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
