/** Norwegian words of file commands, by their English text. */
export const fileCommands = {
  "terminal ID": "terminal-ID",
  "files on this computer": "filer på denne maskinen",
  "name of the file on the terminal; default its name on this computer":
    "filens navn på terminalen; standard er navnet på denne maskinen",
  "show the file link too; anyone who has it can download the file":
    "vis også fillenken; alle som har den, kan laste ned filen",
  "name of the file on the terminal, for example terminal.log":
    "filens navn på terminalen, for eksempel terminal.log",
  "reason, stored in the audit log": "grunn, lagres i revisjonsloggen",
  "Removed an offer that failed: {0}  {1}": "Fjernet et tilbud som mislyktes: {0}  {1}",
  "Removed an offer that expired: {0}  {1}": "Fjernet et tilbud som var utløpt: {0}  {1}",
  "specify TERMINAL, --customer, --site, --file or --label":
    "angi TERMINAL, --customer, --site, --file eller --label",
  "specify TERMINAL or a selection, not both": "angi TERMINAL eller et utvalg, ikke begge deler",
  "specify the files to send": "angi filene som skal sendes",
  "--name renames one file, and the command has {0}": "--name gir én fil et nytt navn, og kommandoen har {0}",
  "{0} of {1} files were not sent": "{0} av {1} filer ble ikke sendt",
  "Run this again: files that were sent are not sent twice.":
    "Kjør dette på nytt: filer som er sendt, sendes ikke to ganger.",
  "reading {0}": "leser {0}",
  "sending {0}": "sender {0}",
  "{0} is offered to {1} until {2}  {3}": "{0} er tilbudt {1} til {2}  {3}",
  "{0} was offered before and waits for {1} until {2}  {3}":
    "{0} var alt tilbudt og venter på {1} til {2}  {3}",
  "{0} is not a file": "{0} er ikke en fil",
  "{0} requested from {1}, until {2}  {3}": "{0} er bedt om fra {1}, til {2}  {3}",
  "{0} was requested before, from {1}, until {2}  {3}": "{0} var alt bedt om, fra {1}, til {2}  {3}",
  "Once the terminal has uploaded it, `npx terminals files {0} --collect FOLDER` downloads it.":
    "Når terminalen har lastet den opp, laster `npx terminals files {0} --collect FOLDER` den ned.",
  "{0} has no offers.": "{0} har ingen tilbud.",
  "{0} has no offer {1}; nothing was withdrawn": "{0} har ikke noe tilbud {1}; ingenting er trukket tilbake",
  "Withdraw {0}, offered to {1}? Its file is deleted.": "Trekke tilbake {0}, tilbudt {1}? Filen slettes.",
  "Withdraw {0}, offered to {1}? Their files are deleted.":
    "Trekke tilbake {0}, tilbudt {1}? Filene slettes.",
  "{0} is withdrawn  {1}": "{0} er trukket tilbake  {1}",
  "No file to collect: {0} has uploaded none since the last one was collected.":
    "Ingen fil å hente: {0} har ikke lastet opp noen siden den siste ble hentet.",
  "collecting {0}": "henter {0}",
  waiting: "venter",
  done: "ferdig",
  expired: "utløpt",
  "to terminal": "til terminal",
  "from terminal": "fra terminal",
  "its link is invalid, because the account key was renewed: send it again":
    "lenken er ugyldig, fordi kontonøkkelen ble fornyet: send den på nytt",
  "its link is invalid, because the account key was renewed: request it again":
    "lenken er ugyldig, fordi kontonøkkelen ble fornyet: be om den på nytt",
  "until {0}": "til {0}",
  "at {0}": "{0}",
  "specify the name of the file on the terminal": "angi filens navn på terminalen",
  "`npx terminals files {0}` lists its offers.": "`npx terminals files {0}` viser tilbudene.",
};
