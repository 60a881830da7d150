import type { Catalogue } from "../catalogue.ts";

/** Forms of Norwegian nouns after 1 and after other numbers, by their English singular. */
export const nouns: Catalogue["nouns"] = {
  terminal: ["terminal", "terminaler"],
  "credential bundle": ["nøkkelpakke", "nøkkelpakker"],
  file: ["fil", "filer"],
  lookup: ["oppslag", "oppslag"],
  offer: ["tilbud", "tilbud"],
  "waiting offer": ["ventende tilbud", "ventende tilbud"],
  "more customer": ["kunde til", "kunder til"],
  "more group": ["gruppe til", "grupper til"],
  "more site": ["lokasjon til", "lokasjoner til"],
  role: ["rolle", "roller"],
  customer: ["kunde", "kunder"],
  unit: ["enhet", "enheter"],
  spelling: ["skrivemåte", "skrivemåter"],
  site: ["lokasjon", "lokasjoner"],
  problem: ["problem", "problemer"],
  import: ["import", "importer"],
  blob: ["blob", "blober"],
  "more sheet": ["ark til", "ark til"],
  character: ["tegn", "tegn"],
  digit: ["siffer", "siffer"],
  field: ["felt", "felt"],
  column: ["kolonne", "kolonner"],
  "interrupted import": ["avbrutt import", "avbrutte importer"],
};
