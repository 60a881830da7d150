import { z } from "zod";
import { type Check, couldNotTell, failed, passed } from "../check.ts";

const group = z.looseObject({ id: z.string() });

/**
 * Whether the operators' group can be created: the program refuses a second group of the same name
 * (`preventDuplicateNames`). Source: Microsoft Graph reference v1.0, "List groups".
 */
export const groupNameCheck: Check = {
  id: "group-name",
  async run({ declaration, graph, state, signal }) {
    const names = declaration.groupNames;
    for (const name of names) {
      if (state.kind === "deployed" && state.groupNames.has(name)) continue;
      const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
      const [existing] = await graph.list(`/v1.0/groups?$filter=${filter}&$select=id`, group, signal);
      if (!existing) continue;
      if (state.kind === "unreadable") {
        return couldNotTell(
          `the group "${name}" exists, and the stack's state cannot be read: ${state.reason}`,
          ["Log in to the backend of the stack's state, and run this again:", "  npm run pulumi -- login"],
        );
      }
      return failed(
        `the tenant has a group "${name}" already (${existing.id}), and the stack has not created it`,
        "Choose another name in the setting operatorsGroup, or delete the group if it is the leftover of a deployment.",
      );
    }
    return passed("the name of the operators' group is free or the stack's own");
  },
};
