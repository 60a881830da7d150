/** Norwegian words of commands on several terminals, by their English text. */
export const severalTerminals = {
  "the label {0} has no value: KEY=VALUE": "etiketten {0} har ingen verdi: KEY=VALUE",
  "the name of the label {0} {1}": "navnet på etiketten {0} {1}",
  "the value of the label {0} {1}": "verdien av etiketten {0} {1}",
  "the journal {0} cannot be written: {1}": "journalen {0} kan ikke skrives: {1}",
  "Free disk space or correct the folder's permissions, and run this again.":
    "Frigjør diskplass eller rett mappens rettigheter, og kjør dette på nytt.",
  "the journal {0} is damaged": "journalen {0} er skadet",
  "Remove it, and run this again. Offers that wait for a terminal, or that it has downloaded, are not repeated.":
    "Fjern den, og kjør dette på nytt. Tilbud som venter på en terminal, eller som den har lastet ned, gjentas ikke.",
  "{0} was deleted repeatedly": "{0} ble slettet gjentatte ganger",
  "Azure Storage ended the copy with the status {0}": "Azure Storage avsluttet kopieringen med statusen {0}",
  "Run this again: it continues. Terminals that have the offer are left alone.":
    "Kjør dette på nytt: det fortsetter. Terminaler som har tilbudet, røres ikke.",
  "{0} is offered until {1}": "{0} er tilbudt til {1}",
  "{0} is requested until {1}": "{0} er bedt om til {1}",
  "{0} was downloaded before": "{0} ble lastet ned tidligere",
  "{0} was offered before": "{0} ble tilbudt tidligere",
  "{0} is delivered and not collected yet": "{0} er levert og ikke hentet ennå",
  "{0} was requested before": "{0} ble bedt om tidligere",
  "left out: {0}": "utelatt: {0}",
  "{0} offered": "{0} tilbudt",
  "{0} unchanged": "{0} uendret",
  "{0} left out": "{0} utelatt",
  "{0} not tried": "{0} ikke forsøkt",
  interrupted: "avbrutt",
  "{0} of {1} failed, {2} not tried": "{0} av {1} mislyktes, {2} ikke forsøkt",
  "{0} of {1} failed": "{0} av {1} mislyktes",
  "stopped (--stop-after): {0}": "stoppet (--stop-after): {0}",
  "Follow the remedy of each. {0}": "Følg rådet for hver. {0}",
  "Continues the run of {0}: {1} of {2} have their offers.":
    "Fortsetter kjøringen fra {0}: {1} av {2} har tilbudene sine.",
  "This takes about {0}.": "Det tar omtrent {0}.",
  "{0} of {1} in {2}": "{0} hos {1} i {2}",
  "no selected terminal has such a label": "ingen valgt terminal har en slik etikett",
  "`npx terminals status` lists all terminals with their labels.":
    "`npx terminals status` viser alle terminaler med etikettene deres.",
  "Left out: {0} with a Flow key row of {1}, and the tag of another customer: {2}":
    "Utelatt: {0} med en Flow-nøkkelrad for {1}, og en annen kundes merke: {2}",
  "no terminal of the list is at the given customer and site":
    "ingen terminal på listen hører til den angitte kunden og lokasjonen",
  "Check the list. Without --customer and --site, all its terminals are selected.":
    "Kontroller listen. Uten --customer og --site velges alle terminalene på den.",
  "offer files to a terminal, or to several, which download them when they are online; run it again to continue":
    "tilby filer til en eller flere terminaler, som laster dem ned når de er på nett; kjør på nytt for å fortsette",
  "terminal ID; left out with --customer, --site, --file or --label":
    "terminal-ID; utelates med --customer, --site, --file eller --label",
  "request a file from a terminal, or from several, which upload it when they are online":
    "be om en fil fra en eller flere terminaler, som laster den opp når de er på nett",
  "show the files that are offered to and requested from a terminal, or several, and until when":
    "vis filene som er tilbudt og bedt om fra en eller flere terminaler, og hvor lenge",
  "download the terminal's uploaded files into this folder; of several terminals, into a folder in it for each":
    "last ned terminalens opplastede filer til denne mappen; for flere terminaler til en egen mappe i den for hver",
  "withdraw this offer and delete its file; of several terminals, all waiting offers of a file of this name; can be repeated":
    "trekk dette tilbudet tilbake, og slett filen; for flere terminaler alle ventende tilbud av en fil med dette navnet; kan gjentas",
  "all terminals of this customer": "alle terminaler hos denne kunden",
  "all terminals at this site of one customer": "alle terminaler på denne lokasjonen hos én kunde",
  "with --site: at the sites of this name of all customers":
    "med --site: på lokasjoner med dette navnet hos alle kunder",
  "the terminals in this file, an ID on each line; with other selections: those that match both":
    "terminalene i denne filen, én ID på hver linje; sammen med andre utvalg: de som passer med begge",
  "only terminals with this label; KEY alone: with any value; can be repeated":
    "bare terminaler med denne etiketten; KEY alene: med hvilken som helst verdi; kan gjentas",
  "of several terminals: size of the first wave; each wave without a failure doubles it":
    "av flere terminaler: størrelsen på den første puljen; hver pulje uten feil dobler den",
  "of several terminals: stop after so many failures; default: try all":
    "av flere terminaler: stopp etter så mange feil; standard: forsøk alle",
  "of several terminals: also those that have handled the same file already":
    "av flere terminaler: også dem som allerede har behandlet den samme filen",
  "--exact requires --site": "--exact krever --site",
  "--all-customers requires --site, and excludes --customer":
    "--all-customers krever --site og utelukker --customer",
  "a list of terminals": "en liste over terminaler",
  "{0} names no terminal": "{0} nevner ingen terminal",
  "{0}, line {1}: the terminal": "{0}, linje {1}: terminalen",
  "No file to collect.": "Ingen fil å hente.",
  "Follow the remedy of each, and run this again.": "Følg rådet for hver, og kjør dette på nytt.",
  "No offers: {0}.": "Ingen tilbud: {0}.",
  "No waiting offer has such a name or ID.": "Ingen ventende tilbud har et slikt navn eller en slik ID.",
  "Withdraw {0} of {1} from {2}? The files are deleted.":
    "Trekke tilbake {0} av {1} fra {2}? Filene slettes.",
  "two of the files have the name {0}": "to av filene har navnet {0}",
  "Send {0} ({1}) to {2}?": "Sende {0} ({1}) til {2}?",
  "Request {0} from {1}?": "Be om {0} fra {1}?",
  "{0} offers no doctor's report": "{0} tilbyr ingen doktorrapport",
  "Run `npx terminals doctor` on a computer at its site. Its software may offer the report later (terminal contract).":
    "Kjør `npx terminals doctor` på en maskin på lokasjonen. Programvaren kan tilby rapporten senere (terminalkontrakten).",
  "--doctor excludes the name of a file": "--doctor utelukker navnet på en fil",
  "request the doctor's report of terminals that offer it, in place of a file":
    "be om doktorrapporten fra terminaler som tilbyr den, i stedet for en fil",
};
