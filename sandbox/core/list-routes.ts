/** An operation that a service serves by HTTP method and path. */
export interface Route {
  /** In capitals. */
  method: string;
  /** With parameters as in `/devices/:id`. */
  path: string;
}

/** The routes of a Hono app, without what applies to every request. docs/coverage.md lists them. */
export function listRoutes(app: { routes: readonly Route[] }): Route[] {
  const own = app.routes.filter(({ method, path }) => method !== "ALL" && !/^\/?\*$/.test(path));
  return [...new Map(own.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()];
}
