/** Norwegian words of revoke command, by their English text. */
export const revokeCommand = {
  "close all access paths of terminals (IoT Hub, files, Flow API) and verify that they are closed":
    "steng alle tilgangsveiene til terminaler (IoT Hub, filer, Flow API), og kontroller at de er stengt",
  "reason, stored with the device identity": "grunn, lagres med enhetsidentiteten",
  "all terminals of this customer; with TERMINAL: its customer, if the IoT Hub no longer has it":
    "alle terminaler hos denne kunden; med TERMINAL: kunden den hører til, hvis IoT Hub ikke lenger har den",
  "all terminals at this site of one customer": "alle terminaler på denne lokasjonen hos én kunde",
  "with --site: at the sites of this name of all customers":
    "med --site: på lokasjonene med dette navnet hos alle kunder",
  "with --site: only this name, although the name of another site looks like it":
    "med --site: bare dette navnet, selv om navnet på en annen lokasjon ligner",
  "only one file that was offered to TERMINAL": "bare én fil som er tilbudt TERMINAL",
  "maximum wait for the IoT Hub to close an open connection":
    "lengste ventetid på at IoT Hub lukker en åpen forbindelse",
  "an unknown customer": "en ukjent kunde",
  "{0} customers have a site {1}:": "{0} kunder har en lokasjon {1}:",
  "Add --customer ID for one of them, or --all-customers for all.":
    "Legg til --customer ID for én av dem, eller --all-customers for alle.",
  "Revoke {0} of {1} in {2}? It stops working at once.":
    "Trekke tilbake {0} hos {1} i {2}? Den slutter å virke med en gang.",
  "Revoke {0} of {1} in {2}? They stop working at once.":
    "Trekke tilbake {0} hos {1} i {2}? De slutter å virke med en gang.",
  "This takes about {0}, at the throttle of {1} with {2}.":
    "Det tar omtrent {0}, med kallgrensen til {1} med {2}.",
  "Run this again: access paths that are closed stay closed.":
    "Kjør dette på nytt: tilgangsveier som er stengt, forblir stengt.",
  closed: "stengt",
  OPEN: "ÅPEN",
  "{0}, in {1} s": "{0}, på {1} s",
  "interrupted: {0} of {1} not revoked": "avbrutt: {0} av {1} er ikke trukket tilbake",
  "{0} of {1} not revoked:": "{0} av {1} er ikke trukket tilbake:",
  "{0} revoked, and others may be missing from the list: {1}":
    "{0} er trukket tilbake, og andre kan mangle i listen: {1}",
  "{0}: all three access paths are closed": "{0}: alle tre tilgangsveiene er stengt",
  "{0}: all access paths are closed": "{0}: alle tilgangsveier er stengt",
  "{0} of {1} revoked": "{0} av {1} trukket tilbake",
  "{0} with an open access path": "{0} med en åpen tilgangsvei",
  "{0} interrupted": "{0} avbrutt",
  "{0} not tried": "{0} ikke forsøkt",
  "no service has a terminal {0}": "ingen tjeneste har en terminal {0}",
  "{0} still has access through: {1}": "{0} har fortsatt tilgang gjennom: {1}",
  "{0} belongs to {1} by the IoT Hub's tag, and was not changed":
    "{0} hører til {1} etter merket i IoT Hub, og ble ikke endret",
  "Its Flow key row names another customer. Check its customer (`npx terminals status`), and revoke it by its ID.":
    "Raden med Flow-nøkkelen oppgir en annen kunde. Kontroller kunden (`npx terminals status`), og trekk terminalen tilbake med ID-en.",
  "The file link stays valid. To invalidate all links of {0} now, revoke the whole terminal: that does not need its twin.":
    "Fillenken er fortsatt gyldig. For å gjøre alle lenkene til {0} ugyldige nå, trekk tilbake hele terminalen: det trenger ikke tvillingen.",
  "{0} has no offer {1}": "{0} har ikke noe tilbud {1}",
  "`npx terminals files {0}` lists its offers.": "`npx terminals files {0}` viser tilbudene.",
  "Revoke {0}, offered to {1}? Its file is deleted.":
    "Trekke tilbake {0}, som er tilbudt {1}? Filen slettes.",
  "{0} ({1}): its offer is withdrawn and its file deleted":
    "{0} ({1}): tilbudet er trukket tilbake og filen slettet",
  "Its file link can still upload this one file until {0}. To invalidate the link, revoke the terminal, or run `npx terminals rotate-signing-key --emergency`.":
    "Fillenken kan fortsatt laste opp denne ene filen til {0}. For å gjøre lenken ugyldig, trekk tilbake terminalen, eller kjør `npx terminals rotate-signing-key --emergency`.",
  "{0} no longer exists in any service": "{0} finnes ikke lenger i noen tjeneste",
  "specify TERMINAL, --customer or --site": "oppgi TERMINAL, --customer eller --site",
  "specify TERMINAL or --site, not both": "oppgi TERMINAL eller --site, ikke begge",
  "--file requires TERMINAL, to which the file was offered": "--file krever TERMINAL, som filen ble tilbudt",
  "--exact requires --site": "--exact krever --site",
  "--all-customers requires --site, and excludes --customer":
    "--all-customers krever --site, og utelukker --customer",
  "Revoke {0} in {1}? It stops working at once.":
    "Trekke tilbake {0} i {1}? Den slutter å virke med en gang.",
  "the IoT Hub could not be read ({0}). Terminals without a Flow key row are not in the list. Run this again when it can be read.":
    "IoT Hub kunne ikke leses ({0}). Terminaler uten rad med Flow-nøkkel er ikke med i listen. Kjør dette på nytt når det kan leses.",
  "the key table could not be read ({0}). Terminals that the IoT Hub does not list are not in the list. Run this again when it can be read.":
    "nøkkeltabellen kunne ikke leses ({0}). Terminaler som IoT Hub ikke viser, er ikke med i listen. Kjør dette på nytt når den kan leses.",
  "there is no terminal at site {0}": "det finnes ingen terminal på lokasjonen {0}",
  "there is no terminal of customer {0} at site {1}":
    "det finnes ingen terminal hos kunden {0} på lokasjonen {1}",
  "{0}; names that look like it:": "{0}; navn som ligner:",
  "the name {0} can be taken for the name of another site; nothing was changed":
    "navnet {0} kan forveksles med navnet på en annen lokasjon; ingenting er endret",
  "Selected:": "Valgt:",
  "Not selected:": "Ikke valgt:",
  "Add --exact for the selected terminals only. For the others too, run it again with the other name.":
    "Legg til --exact for bare de valgte terminalene. For de andre også, kjør på nytt med det andre navnet.",
  "the name {0} has {1} that look the same; all are selected:":
    "navnet {0} har {1} som ser like ut; alle er valgt:",
  "{0} of {1}: {2}": "{0} hos {1}: {2}",
  "Check the spelling. `npx terminals list` lists all terminals with their customers and sites.":
    "Kontroller skrivemåten. `npx terminals list` viser alle terminaler med kunder og lokasjoner.",
};
