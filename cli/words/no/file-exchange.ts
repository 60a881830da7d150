/** Norwegian words of file exchange, by their English text. */
export const fileExchange = {
  "the file link expired before the transfer was complete": "fillenken utløp før overføringen var ferdig",
  "Azure Storage rejected the file link: the terminal was revoked, or the signing key was rotated":
    "Azure Storage avviste fillenken: terminalen er trukket tilbake, eller signeringsnøkkelen er rotert",
  "the file does not exist in the storage account": "filen finnes ikke i lagringskontoen",
  "the received file differs from the offered size or SHA-256, also after a retry":
    "den mottatte filen har annen størrelse eller SHA-256 enn tilbudt, også etter et nytt forsøk",
  "the terminal has no file of this name": "terminalen har ingen fil med dette navnet",
  "the terminal's disk is full or cannot be written":
    "disken på terminalen er full eller kan ikke skrives til",
  "the terminal does not understand the offer": "terminalen forstår ikke tilbudet",
  "{0} was changed during the upload": "{0} ble endret under opplastingen",
  "Send it again.": "Send den på nytt.",
  "{0} ({1}) is not delivered yet": "{0} ({1}) er ikke levert ennå",
  "{0} ({1}) differs from what {2} reported": "{0} ({1}) er ikke den filen som {2} meldte",
  "Withdraw it: `npx terminals files {0} --withdraw {1}`; then request it again: `npx terminals request {2} {3}`.":
    "Trekk den tilbake: `npx terminals files {0} --withdraw {1}`; be så om den på nytt: `npx terminals request {2} {3}`.",
  "collecting {0} of {1}": "henting av {0} fra {1}",
  "Free disk space or correct the folder's permissions, and run this again.":
    "Frigjør diskplass eller rett rettighetene på mappen, og kjør dette på nytt.",
  "{0} has more than {1} MB": "{0} er på mer enn {1} MB",
  "the connection broke repeatedly during the download":
    "forbindelsen ble brutt flere ganger under nedlastingen",
  "sending {0} to {1}": "sending av {0} til {1}",
  "deleting {0} of {1}": "sletting av {0} for {1}",
  "{0} is revoked ({1})": "{0} er trukket tilbake ({1})",
  "no reason given": "ingen grunn oppgitt",
  "If it is to work again: `npx terminals reinstate {0}`.":
    "Hvis den skal virke igjen: `npx terminals reinstate {0}`.",
  "{0} is half onboarded: it has no stored access policy":
    "{0} er halvveis registrert: den har ingen lagret tilgangspolicy",
  "Onboard its batch again, or run `npx terminals reinstate {0}`.":
    "Registrer partiet på nytt, eller kjør `npx terminals reinstate {0}`.",
  "the file name {0} {1}": "filnavnet {0} {1}",
  "the offer of {0} in the device twin of {1} holds no valid blob URL":
    "tilbudet {0} i enhetstvillingen til {1} har ingen gyldig blob-URL",
  "setting the stored access policy of {0}": "setting av den lagrede tilgangspolicyen til {0}",
  "reading the container {0}": "lesing av containeren {0}",
  "reading the stored access policy of {0}": "lesing av den lagrede tilgangspolicyen til {0}",
  "removing the stored access policy of {0}": "fjerning av den lagrede tilgangspolicyen til {0}",
  "trying a file link": "prøving av en fillenke",
  "{0} has no stored access policy": "{0} har ingen lagret tilgangspolicy",
  "creating the container {0}": "oppretting av containeren {0}",
  "The container {0} was deleted a moment ago. Azure Storage releases its name after 30 seconds or more: waiting up to {1} seconds.":
    "Containeren {0} ble slettet for et øyeblikk siden. Azure Storage frigjør navnet etter 30 sekunder eller mer: venter opptil {1} sekunder.",
  "Azure Storage still deletes the former container. Run this again in a few minutes.":
    "Azure Storage sletter fortsatt den forrige containeren. Kjør dette på nytt om noen minutter.",
  "Run this again: the transfer continues.": "Kjør dette på nytt: overføringen fortsetter.",
  "must not be empty": "må ikke være tomt",
  "must have at most 120 characters": "må ha høyst 120 tegn",
  "must have at most 255 bytes": "må ha høyst 255 byte",
  'must not contain a control character or one of < > : " / \\ | ? *':
    'må ikke ha kontrolltegn eller noe av < > : " / \\ | ? *',
  "must not end with a dot or a space": "må ikke slutte med punktum eller mellomrom",
  "is a reserved device name of Windows": "er et reservert enhetsnavn i Windows",
  "the device twin {0}": "enhetstvillingen {0}",
  "delivered, not collected yet": "levert, ikke hentet ennå",
  "waits until {0}": "venter til {0}",
  "the device twin of {0} is full (32 KB of desired properties), with these offers:":
    "enhetstvillingen til {0} er full (32 KB ønskede egenskaper), med disse tilbudene:",
  "Wait until the terminal has been online, collect delivered files (`npx terminals files {0} --collect FOLDER`), or withdraw offers (`npx terminals files {1} --withdraw ID`).":
    "Vent til terminalen har vært på nett, hent leverte filer (`npx terminals files {0} --collect FOLDER`), eller trekk tilbake tilbud (`npx terminals files {1} --withdraw ID`).",
  "reading the device twin {0}": "lesing av enhetstvillingen {0}",
  "{0} is not onboarded: the IoT Hub has no such device":
    "{0} er ikke registrert: IoT Hub har ingen slik enhet",
  "modifying the device twin {0}": "endring av enhetstvillingen {0}",
  "a journal of files to send": "en journal over filer som skal sendes",
  "offers the same file": "tilbyr den samme filen",
  "offers the same files": "tilbyr de samme filene",
};
