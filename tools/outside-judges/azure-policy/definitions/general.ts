import type { PolicyDefinition } from "../definition.ts";
import { allOf, typeIs } from "./conditions.ts";

const groupType = "Microsoft.Resources/subscriptions/resourceGroups";

/** What the organisation decides: parameters that have no default. */
export interface OrganisationValues {
  regions: string[];
  /** Tags that every resource must have. */
  tags: string[];
}

/** Built-in definitions of the categories General and Tags. */
export const generalDefinitions = ({ regions, tags }: OrganisationValues): PolicyDefinition[] => [
  {
    id: "e56962a6-4747-49cd-b67b-bf8b01975c4c",
    version: "1.1.0",
    mode: "Indexed",
    effect: "Deny",
    demands: "A resource is in one of the allowed regions.",
    parameters: { listOfAllowedLocations: regions },
    if: allOf(
      { field: "location", notIn: "[parameters('listOfAllowedLocations')]" },
      { field: "location", notEquals: "global" },
      { field: "type", notEquals: "Microsoft.AzureActiveDirectory/b2cDirectories" },
    ),
  },
  {
    id: "e765b5de-1225-4ba3-bd56-1ac6695af988",
    version: "1.1.0",
    mode: "All",
    effect: "Deny",
    demands: "A resource group is in one of the allowed regions.",
    parameters: { listOfAllowedLocations: regions },
    if: allOf(typeIs(groupType), { field: "location", notIn: "[parameters('listOfAllowedLocations')]" }),
  },
  {
    id: "0a914e76-4921-4c19-b460-a2d36003525a",
    version: "2.1.0",
    mode: "Indexed",
    effect: "Audit",
    demands: "A resource is in the region of its resource group.",
    if: allOf(
      { field: "location", notEquals: "[resourcegroup().location]" },
      { field: "location", notEquals: "global" },
    ),
  },
  {
    id: "a451c1ef-c6ca-483d-87ed-f49761e3ffb5",
    version: "1.0.1",
    mode: "All",
    effect: "Audit",
    demands: "There are no custom roles.",
    if: allOf(typeIs("Microsoft.Authorization/roleDefinitions"), {
      field: "Microsoft.Authorization/roleDefinitions/type",
      equals: "CustomRole",
    }),
  },
  ...tags.flatMap((tagName): PolicyDefinition[] => [
    {
      id: "871b6d14-10aa-478d-b590-94f262ecfa99",
      version: "1.0.1",
      mode: "Indexed",
      effect: "Deny",
      demands: `A resource has the tag ${tagName}.`,
      parameters: { tagName },
      if: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: "false" },
    },
    {
      id: "96670d01-0a4d-4649-9c89-2d3abc0a5025",
      version: "1.0.0",
      mode: "All",
      effect: "Deny",
      demands: `A resource group has the tag ${tagName}.`,
      parameters: { tagName },
      if: allOf(typeIs(groupType), {
        field: "[concat('tags[', parameters('tagName'), ']')]",
        exists: "false",
      }),
    },
  ]),
];
