/**
 * GUIDs of the built-in roles that the program assigns. They are the same in every tenant.
 * Source: role-based-access-control/built-in-roles.
 */
export const builtInRoles = {
  "IoT Hub Registry Contributor": "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
  "IoT Hub Twin Contributor": "494bdba2-168f-4f31-a0a1-191d2f7c028c",
  Reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  "Storage Account Key Operator Service Role": "81a9662b-bebf-436f-a333-f67b29880f12",
  "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  "Storage Table Data Reader": "76199698-9eea-4c19-bc75-cec21354c6b6",
} as const;
