/** Norwegian words of status, by their English text. */
export const status = {
  "show the state of terminals at the IoT Hub, the Flow API and the files, and their drift":
    "vis terminalenes tilstand i IoT Hub, Flow API og filer, og avvikene deres",
  "only terminals of this customer": "bare terminaler hos denne kunden",
  "only terminals at this site": "bare terminaler på denne lokasjonen",
  "only terminals in these states": "bare terminaler i disse tilstandene",
  "check each container's stored access policy too; one call per terminal":
    "kontroller også den lagrede tilgangspolicyen til hver container; ett kall per terminal",
  "compare with the journal of this batch file": "sammenlign med journalen til denne partifilen",
  "write a page with a picture of each site": "skriv en side med et bilde av hver lokasjon",
  "{0} is revoked at the IoT Hub but not at the Flow API: revoke it again":
    "{0} er trukket tilbake i IoT Hub, men ikke i Flow API: trekk tilbake på nytt",
  "{0} are revoked at the IoT Hub but not at the Flow API: revoke them again":
    "{0} er trukket tilbake i IoT Hub, men ikke i Flow API: trekk dem tilbake på nytt",
  "{0} is revoked at the Flow API but not at the IoT Hub: revoke it again":
    "{0} er trukket tilbake i Flow API, men ikke i IoT Hub: trekk tilbake på nytt",
  "{0} are revoked at the Flow API but not at the IoT Hub: revoke them again":
    "{0} er trukket tilbake i Flow API, men ikke i IoT Hub: trekk dem tilbake på nytt",
  "{0} is revoked, but its file links still work: revoke it again":
    "{0} er trukket tilbake, men fillenkene virker fortsatt: trekk tilbake på nytt",
  "{0} are revoked, but their file links still work: revoke them again":
    "{0} er trukket tilbake, men fillenkene deres virker fortsatt: trekk dem tilbake på nytt",
  "{0} has a Flow key row but no device identity: reinstate it":
    "{0} har en rad med Flow-nøkkel, men ingen enhetsidentitet: gjenåpne den",
  "{0} have a Flow key row but no device identity: reinstate them":
    "{0} har en rad med Flow-nøkkel, men ingen enhetsidentitet: gjenåpne dem",
  "{0} is half onboarded (no Flow key row): onboard its batch again":
    "{0} er halvveis registrert (ingen rad med Flow-nøkkel): registrer partiet på nytt",
  "{0} are half onboarded (no Flow key row): onboard their batch again":
    "{0} er halvveis registrert (ingen rad med Flow-nøkkel): registrer partiet deres på nytt",
  "{0} is half onboarded (no container for files): onboard its batch again":
    "{0} er halvveis registrert (ingen container for filer): registrer partiet på nytt",
  "{0} are half onboarded (no container for files): onboard their batch again":
    "{0} er halvveis registrert (ingen container for filer): registrer partiet deres på nytt",
  "{0} has a container for files but no device identity and no Flow key row: look into the container, then delete it in the Azure portal":
    "{0} har en container for filer, men verken enhetsidentitet eller rad med Flow-nøkkel: undersøk containeren, og slett den i Azure-portalen",
  "{0} have a container for files but no device identity and no Flow key row: look into the containers, then delete them in the Azure portal":
    "{0} har en container for filer, men verken enhetsidentitet eller rad med Flow-nøkkel: undersøk containerne, og slett dem i Azure-portalen",
  "{0} has no stored access policy, so no file link works: reinstate it":
    "{0} har ingen lagret tilgangspolicy, så ingen fillenke virker: gjenåpne den",
  "{0} have no stored access policy, so no file link works: reinstate them":
    "{0} har ingen lagret tilgangspolicy, så ingen fillenke virker: gjenåpne dem",
  "{0} belongs to different customers in the IoT Hub and the key table: move it where it belongs with `npx terminals move`":
    "{0} hører til ulike kunder i IoT Hub og nøkkeltabellen: flytt den dit den hører til med `npx terminals move`",
  "{0} belong to different customers in the IoT Hub and the key table: move them where they belong with `npx terminals move`":
    "{0} hører til ulike kunder i IoT Hub og nøkkeltabellen: flytt dem dit de hører til med `npx terminals move`",
  "{0} is at different sites in the IoT Hub and the key table: move it where it belongs with `npx terminals move`":
    "{0} er på ulike lokasjoner i IoT Hub og nøkkeltabellen: flytt den dit den hører til med `npx terminals move`",
  "{0} are at different sites in the IoT Hub and the key table: move them where they belong with `npx terminals move`":
    "{0} er på ulike lokasjoner i IoT Hub og nøkkeltabellen: flytt dem dit de hører til med `npx terminals move`",
  "{0} has Flow key rows of several customers: revoke it and reinstate it":
    "{0} har rader med Flow-nøkkel hos flere kunder: trekk tilbake og gjenåpne",
  "{0} have Flow key rows of several customers: revoke them and reinstate them":
    "{0} har rader med Flow-nøkkel hos flere kunder: trekk dem tilbake og gjenåpne dem",
  "{0} has a credential bundle but no Flow key row: onboard its batch again":
    "{0} har en nøkkelpakke, men ingen rad med Flow-nøkkel: registrer partiet på nytt",
  "{0} have a credential bundle but no Flow key row: onboard their batch again":
    "{0} har en nøkkelpakke, men ingen rad med Flow-nøkkel: registrer partiet deres på nytt",
  "{0} has waiting files with invalid links, because an account key was renewed: send or request them again":
    "{0} har ventende filer med ugyldige lenker, fordi en kontonøkkel ble fornyet: send dem eller be om dem på nytt",
  "{0} have waiting files with invalid links, because an account key was renewed: send or request them again":
    "{0} har ventende filer med ugyldige lenker, fordi en kontonøkkel ble fornyet: send dem eller be om dem på nytt",
  "{0} is used by two machines with one key: revoke it, find the second machine, and reinstate it":
    "{0} brukes av to maskiner med samme nøkkel: trekk tilbake, finn den andre maskinen, og gjenåpne",
  "{0} are used by two machines with one key: revoke them, find the second machine, and reinstate them":
    "{0} brukes av to maskiner med samme nøkkel: trekk dem tilbake, finn den andre maskinen, og gjenåpne dem",
  "{0} has another Flow key than the one in the credential bundle of its batch: reinstate it, unless it was rotated or reinstated since":
    "{0} har en annen Flow-nøkkel enn den i nøkkelpakken fra partiet: gjenåpne den, hvis den ikke er rotert eller gjenåpnet siden",
  "{0} have another Flow key than the one in the credential bundle of their batch: reinstate them, unless they were rotated or reinstated since":
    "{0} har en annen Flow-nøkkel enn den i nøkkelpakken fra partiet: gjenåpne dem, hvis de ikke er rotert eller gjenåpnet siden",
  It: "Den",
  "no customer": "uten kunde",
  "{0}: {1} look alike; they count as one site: correct the device tags to one spelling":
    "{0}: {1} ligner hverandre; de regnes som én lokasjon: rett enhetsmerkene til én skrivemåte",
  "{0}: {1} look alike; they are different sites: if they are one, correct the batch file or the device tags":
    "{0}: {1} ligner hverandre; de er ulike lokasjoner: hvis de er én, rett partifilen eller enhetsmerkene",
  unknown: "ukjent",
  "customer {0}, since {1}": "kunde {0}, siden {1}",
  "{0} left device keys in plaintext: onboard the batch again, or run `npx terminals clean-up`":
    "{0} har etterlatt enhetsnøkler i klartekst: registrer partiet på nytt, eller kjør `npx terminals clean-up`",
  "{0} is in progress": "{0} pågår",
  "{0} are in progress": "{0} pågår",
  connected: "tilkoblet",
  offline: "frakoblet",
  "never seen": "aldri sett",
  revoked: "trukket tilbake",
  "no identity": "uten identitet",
  "{0} d": "{0} d",
  "{0} waiting": "{0} venter",
  "{0} delivered": "{0} levert",
  "key rotation in progress": "nøkkelrotasjon pågår",
  "will be deleted from {0}": "slettes fra {0}",
  "reading the connection log of the IoT Hub": "lesing av tilkoblingsloggen til IoT Hub",
  "It is not known whether two machines use one key: {0}":
    "Det er ikke kjent om to maskiner bruker samme nøkkel: {0}",
  "listing the terminals' containers": "listing av terminalenes containere",
  "Terminals of {0}": "Terminaler i {0}",
  "status of {0}": "tilstand {0}",
  terminal: "terminal",
  terminals: "terminaler",
  "need attention": "trenger tilsyn",
  "files waiting": "filer venter",
  "and {0}": "og {0}",
  "Each square is a terminal: point at it to see its ID. A red ring marks drift.":
    "Hver rute er en terminal: pek på den for å se ID-en. En rød ring markerer avvik.",
  "This fleet is too large for squares: a bar shows the states of each site.":
    "Terminalparken er for stor for ruter: en stolpe viser tilstandene på hver lokasjon.",
  Terminal: "Terminal",
  Site: "Lokasjon",
  State: "Tilstand",
  "Last seen": "Sist sett",
  "Drift and remedy": "Avvik og hva du gjør",
  "key age {0}": "nøkkelalder {0}",
  "1 needs attention": "1 trenger tilsyn",
  "{0} need attention": "{0} trenger tilsyn",
  "Show {0}": "Vis {0}",
  "Show {0} more that need attention": "Vis {0} til som trenger tilsyn",
  "and {0} more: npx terminals status --state drift": "og {0} til: npx terminals status --state drift",
  "{0} ago": "for {0} siden",
  "Device keys in the imports account": "Enhetsnøkler i importkontoen",
  "Sites with similar names": "Lokasjoner med lignende navn",
  "no site": "uten lokasjon",
  "files: {0}": "filer: {0}",
  List: "Liste",
  "seen {0} ago": "sett for {0} siden",
  "{0} at {1}": "{0} på {1}",
  interrupted: "avbrutt",
  "The page is {0}.": "Siden er {0}.",
  "No terminal matches {0}.": "Ingen terminal passer med {0}.",
  "No terminal matches.": "Ingen terminal passer.",
  "The fleet has more sites than are compared: further names that look alike are not reported.":
    "Terminalparken har flere lokasjoner enn det som sammenlignes: flere lignende navn blir ikke meldt.",
  "Device keys that interrupted imports may have left could not be looked up: {0}":
    "Det kunne ikke kontrolleres om avbrutte importer har etterlatt enhetsnøkler: {0}",
  "in state {0}": "i tilstand {0}",
  "{0} or {1}": "{0} eller {1}",
  "{0} has no journal for {1}: the file {2} does not exist":
    "{0} har ingen journal for {1}: filen {2} finnes ikke",
  "Run the command where the batch was onboarded, or without --batch.":
    "Kjør kommandoen der partiet ble registrert, eller uten --batch.",
  "getting new keys": "får nye nøkler",
  files: "filer",
  "no offers": "ingen tilbud",
  "similar sites": "lignende lokasjoner",
  "and {0} more groups of similar sites": "og {0} grupper til av lignende lokasjoner",
  "device keys": "enhetsnøkler",
  time: "tid",
  TERMINAL: "TERMINAL",
  CUSTOMER: "KUNDE",
  SITE: "LOKASJON",
  STATE: "TILSTAND",
  "SEEN (ago)": "SETT (siden)",
  "KEY AGE": "NØKKELALDER",
  FILES: "FILER",
};
