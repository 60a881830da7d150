import { unknownValue, type Value } from "../../engine/value.ts";

/**
 * A GUID of version 5 (RFC 9562), which is a hash of a name and so is the same in each deployment. Azure's built-in
 * roles have random GUIDs of version 4.
 */
export const nameBasedGuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The GUID at the end of a role definition ID, in lower case; empty if there is none. */
export function roleGuid(roleDefinitionId: Value): string | typeof unknownValue {
  if (roleDefinitionId === unknownValue) return unknownValue;
  return String(roleDefinitionId ?? "")
    .split("/")
    .at(-1)!
    .toLowerCase();
}
