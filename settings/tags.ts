import { z } from "zod";
import { structure, text } from "./values.ts";

/** Tags that the program sets: two on every resource, and two on storage accounts only. */
const programTags = ["environment", "application", "holds", "geoReplicationReason"];

/**
 * A storage account has at most 15 tags, the lowest limit of all types used here, and tag names of at most 128 characters.
 * Source: azure-native's StorageAccount. Tag names do not contain `< > % & \ ? /`, do not begin with a prefix of Azure, and
 * ignore case. Source: "Use tags to organize your Azure resources" (azure-resource-manager/management/tag-resources).
 */
const maxTags = 15 - programTags.length;
const validName = /^[^<>%&\\?/]{1,128}$/;
const azurePrefix = /^(microsoft|azure|windows)/i;

const allowed = "a map with owner, costCentre and other tags, each of up to 256 characters";

const value = (allowed: string) =>
  z
    .union([z.string(), z.number(), z.boolean()], { error: allowed })
    .transform(String)
    .pipe(text(allowed, /^(?=.{1,256}$)\S(.*\S)?$/));

/** Schema of the setting `tags`. */
export const tagMap = () =>
  structure(
    z
      .object(
        {
          owner: value("the person or team that is responsible for the fleet"),
          costCentre: value("the cost centre that pays for the fleet"),
        },
        { error: allowed },
      )
      .catchall(value("text of up to 256 characters"))
      .superRefine(
        (tags, context) => {
          const names = typeof tags === "object" && tags !== null ? Object.keys(tags) : [];
          for (const [index, name] of names.entries()) {
            const message = invalidName(name, names.slice(0, index));
            if (message) context.addIssue({ code: "custom", path: [name], message, input: name });
          }
          if (names.length > maxTags) {
            context.addIssue({ code: "custom", message: `at most ${maxTags} tags`, input: tags });
          }
        },
        // Run also when single values are invalid.
        { when: () => true },
      ),
    allowed,
  );

/** Which names are allowed, if this one is not; `others` are the names before it. */
function invalidName(name: string, others: string[]): string | undefined {
  const same = (other: string) => other.toLowerCase() === name.toLowerCase();
  if (!validName.test(name)) return "tag names of up to 128 characters without < > % & \\ ? /";
  if (azurePrefix.test(name)) return "tag names that do not begin with microsoft, azure or windows";
  if (programTags.some(same)) return `tag names other than ${programTags.join(", ")}, which the program sets`;
  if (others.some(same)) return "each tag name once, whether in upper or lower case";
  return undefined;
}
