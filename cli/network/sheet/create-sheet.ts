import { sheetWords } from "../words/sheet-words.ts";
import { createChangeSection, createRuleSection, createSupportSection } from "./closing-sections.ts";
import { createAddressSection, createProxySections, createTeamviewerSection } from "./network-sections.ts";
import {
  createDataSection,
  createDestinationSection,
  createEncryptionSection,
  createKeySection,
  createOverview,
} from "./row-sections.ts";
import { proseBlocks } from "./section-parts.ts";
import { plain, type Sheet, type SheetInput, versionOf } from "./sheet.ts";

/** Makes the customer's sheet. */
export function createSheet(input: SheetInput): Sheet {
  const words = sheetWords[input.language];
  const { list } = input;
  const customer = list.customer === undefined ? undefined : plain(list.customer);
  return {
    input,
    words,
    title: words.title,
    subtitle: words.subtitle(customer, plain(list.environment)),
    version: versionOf(list),
    date: list.createdAt.slice(0, 10),
    sections: [
      createOverview(words),
      createDestinationSection(input, words),
      createEncryptionSection(input, words),
      createKeySection(input, words),
      createDataSection(input, words),
      ...createProxySections(input, words),
      createAddressSection(input, words),
      createTeamviewerSection(input, words),
      { id: "offline", title: words.offline.title, blocks: proseBlocks(words.offline) },
      createSupportSection(input, words),
      createChangeSection(input, words),
      createRuleSection(input, words),
    ],
  };
}
