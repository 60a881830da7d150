/** Norwegian words of onboarding commands, by their English text. */
export const onboardingCommands = {
  "onboard a customer's batch of terminals; run it again to continue, terminals already onboarded stay unchanged":
    "registrer et parti terminaler for en kunde; kjør på nytt for å fortsette, terminaler som alt er registrert, blir ikke endret",
  "CSV file or workbook (.xlsx, .ods) with the columns terminal and site, optionally customer and name":
    "CSV-fil eller arbeidsbok (.xlsx, .ods) med kolonnene terminal og lokasjon, eventuelt kunde og navn",
  "sheet of the workbook; without it, the first one": "ark i arbeidsboken; uten dette det første",
  "for names of sites that differ in case or spaces only: merge writes them in one spelling, keep keeps them as different sites; without it, a question":
    "for lokasjonsnavn som bare skiller seg i store bokstaver eller mellomrom: merge skriver dem på én måte, keep beholder dem som ulike lokasjoner; uten dette et spørsmål",
  "{0} ({1}) is written as {2}.": "{0} ({1}) skrives som {2}.",
  d: "u",
  "These names of sites can be one site:": "Disse lokasjonsnavnene kan være én lokasjon:",
  "one site: write {0}": "én lokasjon: skriv {0}",
  "different sites: keep all names": "ulike lokasjoner: behold alle navnene",
  "Which is right?": "Hva er riktig?",
  "{0} can be one site": "{0} kan være én lokasjon",
  "If they are one site: correct the file, or add --similar-sites merge, which writes the name that the fleet has, or else the most frequent one. If they are different sites: --similar-sites keep.":
    "Hvis de er én lokasjon: rett filen, eller legg til --similar-sites merge, som skriver navnet som terminalparken har, eller ellers det vanligste. Hvis de er ulike lokasjoner: --similar-sites keep.",
  "{0} onboarded before": "{0} registrert fra før",
  "{0} new": "{0} nye",
  "{0} to continue": "{0} å fortsette",
  "{0} refused": "{0} avvist",
  "Sites: {0}": "Lokasjoner: {0}",
  "Time: {0}": "Tid: {0}",
  "The customer is new: it gets a subscription key.": "Kunden er ny: den får en abonnementsnøkkel.",
  "folder for the sealed credential bundles, one per terminal":
    "mappe for de forseglede nøkkelpakkene, én per terminal",
  "age recipient (age1…) who can open the bundles; can be repeated":
    "age-mottaker (age1…) som kan åpne pakkene; kan gjentas",
  "customer ID, if the batch file has no column for it":
    "kunde-ID, hvis partifilen ikke har noen kolonne for den",
  "show what would happen and how long it would take; change nothing":
    "vis hva som ville skje og hvor lang tid det ville ta; endre ingenting",
  "create device identities with an import job of the IoT Hub; auto: if its throttles would take long":
    "opprett enhetsidentiteter med en importjobb i IoT Hub; auto: hvis kallgrensene ville tatt lang tid",
  "delete the device keys that interrupted onboarding runs left in the imports account, and their containers, at once":
    "slett enhetsnøklene som avbrutte registreringer har etterlatt i importkontoen, og containerne deres, med en gang",
  "about {0}": "omtrent {0}",
  "under a minute": "under ett minutt",
  "at the throttle of {0} with {1} ({2} registry operations per minute)":
    "med kallgrensen til {0} med {1} ({2} registeroperasjoner i minuttet)",
  customer: "kunde",
  "{0}, for which a subscription key would be created": "{0}; en abonnementsnøkkel ville blitt opprettet",
  "new": "nye",
  "to continue, with the keys they have": "fortsetter, med nøklene de har",
  "with a credential bundle, to finish": "med nøkkelpakke, skal fullføres",
  unchanged: "uendret",
  refused: "avvist",
  "depends on the import job of the IoT Hub, which has no throttle":
    "avhenger av importjobben i IoT Hub, som ikke har noen kallgrense",
  "Nothing was changed.": "Ingenting er endret.",
  "Onboard {0} at {1} for customer {2} in {3} ({4})?": "Registrere {0} på {1} for kunden {2} i {3} ({4})?",
  "{0} in {1}; nothing was changed": "{0} i {1}; ingenting er endret",
  "Correct the file, and run the command again.": "Rett filen, og kjør kommandoen på nytt.",
  "onboarded now": "registrert nå",
  failed: "mislyktes",
  "half onboarded": "halvveis registrert",
  "{0}, with a device identity and no Flow key row": "{0}, med enhetsidentitet og uten rad med Flow-nøkkel",
  "not tried": "ikke forsøkt",
  "credential bundles": "nøkkelpakker",
  "{0} of {1} not onboarded": "{0} av {1} er ikke registrert",
  "Follow the remedy of each, and run the same command again: it continues.":
    "Følg rådet for hver av dem, og kjør den samme kommandoen på nytt: den fortsetter.",
  "… and {0} more; --json lists all.": "… og {0} til; --json viser alle.",
  "Device identities that an import created keep their keys: `npx terminals onboard` with the batch file continues.":
    "Enhetsidentiteter som en import har opprettet, beholder nøklene sine: `npx terminals onboard` med partifilen fortsetter.",
  "The imports account has no device keys.": "Importkontoen har ingen enhetsnøkler.",
  "Delete the device keys of {0} in {1}? Imports in progress are kept.":
    "Slette enhetsnøklene til {0} i {1}? Importer som pågår, beholdes.",
  "deleted: {0}": "slettet: {0}",
  "{0} may be in progress: waiting up to {1} seconds for the lease of a run that was killed.":
    "{0} kan være i gang: venter opptil {1} sekunder på leien til en kjøring som ble stoppet.",
  "{0} deleted": "{0} slettet",
  "interrupted: {0} not deleted": "avbrutt: {0} er ikke slettet",
  "Run the same command again.": "Kjør den samme kommandoen på nytt.",
  "{0} in progress:": "{0} pågår:",
  "The onboarding run deletes its import when it is complete. If it was killed since, run this again.":
    "Registreringen sletter importen sin når den er ferdig. Hvis den er stoppet siden, kjør dette på nytt.",
  "import for {0}, since {1}": "import for {0}, siden {1}",
  "import, since {0}": "import, siden {0}",
};
