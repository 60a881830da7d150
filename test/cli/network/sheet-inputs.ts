import { compareLists } from "../../../cli/network/compare-lists.ts";
import { createEndpointList } from "../../../cli/network/create-list.ts";
import { createRules } from "../../../cli/network/rules/rule-set.ts";
import type { ServiceTags } from "../../../cli/network/service-tags.ts";
import { createSheet } from "../../../cli/network/sheet/create-sheet.ts";
import type { Language } from "../../../cli/words/language.ts";
import { exampleOutputs } from "../examples.ts";

/** An example list with all that a stack can tell. */
export const exampleList = createEndpointList({
  ...exampleOutputs,
  customer: "example-customer",
  now: Date.parse("2026-12-24T10:00:00Z"),
  hubRegion: "westeurope",
  flowRegion: "norwayeast",
  fileRecoveryDays: 14,
  isFilesGeoReplicated: true,
  logRetentionDays: 90,
  supportContact: {
    name: "Drift & <b>Støtte</b> *AS*",
    email: "support@example.com",
    phone: "+47 22 00 00 00",
    hours: "08:00-16:00",
  },
});

/** An older list that differs: a changed, a new and a removed row. */
const older = structuredClone(exampleList);
older.createdAt = "2026-12-01T00:00:00.000Z";
older.destinations = older.destinations.filter(({ id }) => id !== "time");
const [hub] = older.destinations;
if (!hub) throw new Error("The list is empty.");
hub.host = "old.azure-devices.net";
older.destinations.push({ ...hub, id: "former", host: "former.example.com" });

const serviceTags: ServiceTags = {
  date: "2026-12-21",
  changeNumber: 345,
  tags: [
    {
      use: "hub",
      name: "AzureIoTHub.WestEurope",
      prefixes: ["192.0.2.0/25", "2001:db8::/64"],
      addresses: 128,
    },
    { use: "hubPair", name: "AzureIoTHub.NorthEurope", prefixes: ["198.51.100.0/26"], addresses: 64 },
    { use: "storage", name: "Storage.WestEurope", prefixes: ["203.0.113.0/24"], addresses: 256 },
    { use: "flow", name: "AzureCloud.norwayeast", prefixes: undefined, addresses: 0 },
  ],
};

/** A sheet with every part that it can have. */
export function exampleSheet(language: Language) {
  return createSheet({
    list: exampleList,
    language,
    rules: createRules(exampleList, language),
    since: { list: older, changes: compareLists(older, exampleList) },
    serviceTags,
  });
}
