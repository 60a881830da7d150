export const roleId = (guid: string) =>
  `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${guid}`;

export const terminalsGroupId = "/subscriptions/s/resourceGroups/rg-terminals-dev";

export const readerRoleGuid = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
