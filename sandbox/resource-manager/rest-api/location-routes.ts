import { allRegions, geographyOf, region } from "../regions.ts";
import type { ManagementApp, ManagementParts } from "./routes.ts";

/**
 * Adds the list of the subscription's regions. Source: REST reference, Subscriptions "List Locations"; the form as
 * azure-mgmt-resource reads it. Coordinates and places of data centres are not in the sandbox.
 */
export function addLocationRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  app.get("/subscriptions/:s/locations", (context) => {
    const scope = `/subscriptions/${azure.subscriptionId}`;
    context.get("manager").authorize("Microsoft.Resources/subscriptions/locations/read", scope);
    const value = allRegions.map((name) => {
      const facts = region(name);
      const geographyGroup = geographyOf(name);
      const pair = facts?.pair;
      return {
        id: `${scope}/locations/${name}`,
        name,
        type: "Region",
        displayName: facts?.displayName,
        regionalDisplayName: `(${geographyGroup}) ${facts?.displayName}`,
        metadata: {
          regionType: "Physical",
          // "Recommended" are the regions with availability zones. Source: "What are Azure regions?".
          regionCategory: facts?.zones ? "Recommended" : "Other",
          geographyGroup,
          pairedRegion: pair ? [{ name: pair, id: `${scope}/locations/${pair}` }] : [],
        },
      };
    });
    return context.json({ value });
  });
}
