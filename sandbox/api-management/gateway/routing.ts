import type { Resource } from "../../arm/resources.ts";

/** An operation of an API with its template made ready. */
export interface OperationRoute {
  id: string;
  displayName: string;
  method: string;
  urlTemplate: string;
  pattern: RegExp;
  /** Names of the template's parameters, in their order. */
  parameters: string[];
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
 * @param path The request's path, escaped as it came.
 */
export function match(apis: ApiRoute[], method: string, scheme: string, path: string): Match | undefined {
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
    if (!found) continue;
    const values = operation.parameters.map((name, index): [string, string] => [
      name,
      decoded(found[index + 1] ?? ""),
    ]);
    return { api, operation, path: below, parameters: new Map(values) };
  }
  return undefined;
}

function operationRoute(resource: Resource): OperationRoute {
  const { method, urlTemplate, displayName } = resource.properties as Record<string, string>;
  const template = (urlTemplate ?? "/").split("?")[0] as string;
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
  };
}

/** How much a template leaves open: operations that name more of the path are tried first. */
function openness(operation: OperationRoute): number {
  const wildcards = operation.urlTemplate.match(/\*/g)?.length ?? 0;
  return wildcards * 100 + operation.parameters.length - operation.urlTemplate.length / 10_000;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
