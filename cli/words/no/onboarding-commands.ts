/** Norwegian words of onboarding commands, by their English text. */
export const onboardingCommands = {
  "onboard a customer's batch of terminals; run it again to continue, terminals already onboarded stay unchanged":
    "registrer et parti terminaler for en kunde; kjør på nytt for å fortsette, terminaler som alt er registrert, blir ikke endret",
  "CSV file with the columns terminal and site, optionally customer and name":
    "CSV-fil med kolonnene terminal og site, eventuelt customer og name",
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
};
