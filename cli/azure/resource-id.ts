/** The parts of a resource ID that Azure's clients take as separate arguments. */
export interface ResourceIdParts {
  subscriptionId: string;
  resourceGroup: string;
  /** The names along the path, the outermost first: for an API the name of its service, then its own. */
  names: string[];
}

/** Parses a resource ID: /subscriptions/S/resourceGroups/G/providers/N/TYPE/NAME[/TYPE/NAME…]. */
export function parseResourceId(id: string): ResourceIdParts {
  const [, , subscriptionId, , resourceGroup, , , ...path] = id.split("/");
  if (!subscriptionId || !resourceGroup || path.length < 2) throw new Error(`${id} is not a resource ID.`);
  return { subscriptionId, resourceGroup, names: path.filter((_, index) => index % 2 === 1) };
}
