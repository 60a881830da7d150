/** Norwegian words of file commands, by their English text. */
export const fileCommands = {
  "offer files to a terminal, which downloads them when it is online; run it again to continue":
    "tilby filer til en terminal, som laster dem ned når den er på nett; kjør på nytt for å fortsette",
  "terminal ID": "terminal-ID",
  "files on this computer": "filer på denne maskinen",
  "name of the file on the terminal; default its name on this computer":
    "filens navn på terminalen; standard er navnet på denne maskinen",
  "show the file link too; anyone who has it can download the file":
    "vis også fillenken; alle som har den, kan laste ned filen",
  "request a file from a terminal, which uploads it when it is online":
    "be om en fil fra en terminal, som laster den opp når den er på nett",
  "name of the file on the terminal, for example terminal.log":
    "filens navn på terminalen, for eksempel terminal.log",
  "reason, stored in the audit log": "grunn, lagres i revisjonsloggen",
  "show the files that are offered to and requested from a terminal, and until when":
    "vis filene som er tilbudt og bedt om fra en terminal, og hvor lenge",
  "download the terminal's uploaded files into this folder":
    "last ned terminalens opplastede filer til denne mappen",
  "withdraw this offer and delete its file; can be repeated":
    "trekk dette tilbudet tilbake, og slett filen; kan gjentas",
};
