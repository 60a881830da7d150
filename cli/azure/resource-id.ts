/** The parts of a resource's ID that Azure's clients ask for one by one. */
export interface ResourceIdParts {
  subscriptionId: string;
  resourceGroup: string;
  /** The names along the path, the outermost first: for an API, the service's and its own. */
  names: string[];
}

/** Takes a resource's ID apart: /subscriptions/S/resourceGroups/G/providers/N/TYPE/NAME[/TYPE/NAME…]. */
export function parseResourceId(id: string): ResourceIdParts {
  const [, , subscriptionId, , resourceGroup, , , ...path] = id.split("/");
  if (!subscriptionId || !resourceGroup || path.length < 2) throw new Error(`${id} is not a resource's ID.`);
  return { subscriptionId, resourceGroup, names: path.filter((_, index) => index % 2 === 1) };
}
