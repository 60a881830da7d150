/** Norwegian words of the commands `endpoints` and `sheet`, by their English text. The sheet's own words are in cli/network/words/. */
export const customerNetwork = {
  "write the sheet for a customer's IT people: destinations, keys, personal data, firewall rules":
    "skriv arket til en kundes IT-folk: destinasjoner, nøkler, personopplysninger, brannmurregler",
  "customer whom the sheet is made for": "kunden som arket er for",
  "format of the sheet": "arkets format",
  "older list of `npx terminals endpoints`, to show what changed":
    "eldre liste fra `npx terminals endpoints`, for å vise hva som er endret",
  "Microsoft's weekly file of service tags, to show addresses too":
    "Microsofts ukentlige fil med service tags, for å vise adresser også",
  "file for the sheet; default standard output, not for pdf":
    "fil for arket; standard er standard ut, men ikke for pdf",
  "a PDF needs a file: --out FILE": "en PDF trenger en fil: --out FILE",
  "The sheet is {0}.": "Arket er {0}.",
  "CHROMIUM_PATH is {0}, which is not a program": "CHROMIUM_PATH er {0}, som ikke er et program",
  "Set it to the path of Chromium, Chrome or Edge.": "Sett den til stien til Chromium, Chrome eller Edge.",
  "a PDF needs Chromium, Chrome or Edge, and this computer has none":
    "en PDF trenger Chromium, Chrome eller Edge, og denne maskinen har ingen av dem",
  "Install one of them, or set CHROMIUM_PATH. Or use --format html, and print the page as a PDF in a browser.":
    "Installer en av dem, eller sett CHROMIUM_PATH. Eller bruk --format html, og skriv ut siden som PDF i en nettleser.",
  "{0} could not print the PDF: {1}": "{0} kunne ikke skrive PDF-en: {1}",
  "Set CHROMIUM_PATH to another Chromium, Chrome or Edge, or use --format html, and print the page in a browser.":
    "Sett CHROMIUM_PATH til en annen Chromium, Chrome eller Edge, eller bruk --format html, og skriv ut siden i en nettleser.",
  "{0} is not a list of destinations: it is not JSON":
    "{0} er ikke en liste over destinasjoner: det er ikke JSON",
  "{0} is not a list of destinations:": "{0} er ikke en liste over destinasjoner:",
  "{0} is a list of version {1}; this program reads version 1":
    "{0} er en liste av versjon {1}; dette programmet leser versjon 1",
  "Use a newer version of this project.": "Bruk en nyere versjon av dette prosjektet.",
  "the file": "filen",
  "  and {0} more": "  og {0} til",
  "Give a file that `npx terminals endpoints` wrote with --out, without a change.":
    "Oppgi en fil som `npx terminals endpoints` skrev med --out, uten endringer.",
  "{0} is a list of {1}, not of {2}": "{0} er en liste for {1}, ikke for {2}",
  "Give the older list of the same stack.": "Oppgi den eldre listen for den samme stakken.",
  "{0} is the list of customer {1}, not of {2}": "{0} er listen til kunden {1}, ikke til {2}",
  "Give the older list of the same customer.": "Oppgi den eldre listen til den samme kunden.",
  "{0} is not Microsoft's file of service tags: {1}": "{0} er ikke Microsofts fil med service tags: {1}",
  "Download it from https://www.microsoft.com/download/details.aspx?id=56519.":
    "Last den ned fra https://www.microsoft.com/download/details.aspx?id=56519.",
  "it is not JSON": "det er ikke JSON",
  "it has no changeNumber, cloud and values": "den har ikke changeNumber, cloud og values",
  "it is of the cloud {0}": "den gjelder skyen {0}",
  "it has none of the tags of a terminal": "den har ingen av terminalenes tags",
  "{0} is no range of addresses": "{0} er ikke et adresseområde",
};
