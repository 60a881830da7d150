import { z } from "zod";
import { structure, text } from "./values.ts";

/** Tags that the program gives itself: two to everything, and two to storage accounts alone. */
const given = ["environment", "application", "holds", "geoReplicationReason"];

/**
 * A storage account takes 15 tags, the least of all types used here, and names of 128 characters (azure-native's
 * StorageAccount). Other limits: "Use tags to organize your Azure resources" (azure-resource-manager/management/
 * tag-resources); no name holds `< > % & \ ? /` or begins with one of Azure's own prefixes, and upper and lower case
 * of a name are the same.
 */
const mostTags = 15 - given.length;
const goodName = /^[^<>%&\\?/]{1,128}$/;
const azuresOwn = /^(microsoft|azure|windows)/i;

const allowed = "a map with owner, costCentre and any further tags, up to 256 characters each";

const value = (allowed: string) =>
  z
    .union([z.string(), z.number(), z.boolean()], { error: allowed })
    .transform(String)
    .pipe(text(allowed, /^(?=.{1,256}$)\S(.*\S)?$/));

/** The tags of every resource. */
export const tagMap = () =>
  structure(
    z
      .object(
        { owner: value("who answers for the fleet"), costCentre: value("who pays for it") },
        { error: allowed },
      )
      .catchall(value("text of up to 256 characters"))
      .superRefine(
        (tags, context) => {
          const names = typeof tags === "object" && tags !== null ? Object.keys(tags) : [];
          for (const [index, name] of names.entries()) {
            const message = wrongName(name, names.slice(0, index));
            if (message) context.addIssue({ code: "custom", path: [name], message, input: name });
          }
          if (names.length > mostTags) {
            context.addIssue({ code: "custom", message: `at most ${mostTags} tags`, input: tags });
          }
        },
        // Beside what is wrong with single values.
        { when: () => true },
      ),
    allowed,
  );

/** What a tag's name must be, if it is not; `others` are the names before it. */
function wrongName(name: string, others: string[]): string | undefined {
  const same = (other: string) => other.toLowerCase() === name.toLowerCase();
  if (!goodName.test(name)) return "tag names of up to 128 characters without < > % & \\ ? /";
  if (azuresOwn.test(name)) return "tag names that do not begin with microsoft, azure or windows";
  if (given.some(same)) return `tag names other than ${given.join(", ")}, which the program gives`;
  if (others.some(same)) return "each tag name once, whether in upper or lower case";
  return undefined;
}
