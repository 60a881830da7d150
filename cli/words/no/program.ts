/** Norwegian words of program, by their English text. */
export const program = {
  "{0} times ({1})": "{0} ganger ({1})",
  "waiting for the hub's throttle": "venter på begrensningen til IoT Hub",
  "Stopping: the calls that were started are completed. Press Ctrl-C again to exit at once. Either way, running the command again continues.":
    "Stopper: kallene som er påbegynt, fullføres. Trykk Ctrl-C en gang til for å avslutte med en gang. Kommandoen fortsetter uansett der den slapp når den kjøres på nytt.",
  "standard output cannot be written: {0}": "kan ikke skrive til standard ut: {0}",
  "Usage:": "Bruk:",
  "Arguments:": "Argumenter:",
  "Options:": "Valg:",
  "Global Options:": "Felles valg:",
  "Commands:": "Kommandoer:",
  "[options]": "[valg]",
  "[command]": "[kommando]",
  "choices:": "mulige verdier:",
  "default:": "standard:",
  "unknown command '{0}'": "ukjent kommando '{0}'",
  "unknown option '{0}'": "ukjent valg '{0}'",
  "missing required argument '{0}'": "argumentet '{0}' mangler",
  "option '{0}' argument missing": "valget '{0}' mangler en verdi",
  "required option '{0}' not specified": "valget '{0}' er påkrevd, men ikke oppgitt",
  "option '{0}' cannot be used with option '{1}'": "valget '{0}' kan ikke brukes sammen med valget '{1}'",
  "option '{0}' argument '{1}' is invalid. Allowed choices are {2}.":
    "valget '{0}' har den ugyldige verdien '{1}'. Mulige verdier er {2}.",
  "option '{0}' argument '{1}' is invalid. {2}": "valget '{0}' har den ugyldige verdien '{1}'. {2}",
  "command-argument value '{0}' is invalid for argument '{1}'. Allowed choices are {2}.":
    "verdien '{0}' er ugyldig for argumentet '{1}'. Mulige verdier er {2}.",
  "command-argument value '{0}' is invalid for argument '{1}'. {2}":
    "verdien '{0}' er ugyldig for argumentet '{1}'. {2}",
  "too many arguments for '{0}'. Expected {1}, got {2}.":
    "for mange argumenter til '{0}'. Ventet {1}, fikk {2}.",
  "one of ": "en av ",
  "Error: ": "Feil: ",
  "(Did you mean {0}?)": "(Mente du {0}?)",
  "Report this text to the maintainers. It holds no key.":
    "Send denne teksten til dem som vedlikeholder programmet. Den inneholder ingen nøkkel.",
  "defect of this program: {0}": "feil i dette programmet: {0}",
  "Add --help for the options and examples.": "Legg til --help for å se valg og eksempler.",
  "{0} h": "{0} t",
  "{0} and {1} more": "{0} og {1} til",
  "and {0} more": "og {0} til",
  "Warning: {0}": "Advarsel: {0}",
  "Waiting: ": "Venter: ",
  "{0} of {1}": "{0} av {1}",
  "{0} per second": "{0} i sekundet",
  "about {0} left": "omtrent {0} igjen",
  "{0} failed": "{0} mislyktes",
  "cannot ask: standard input is not a terminal": "kan ikke spørre: standard inn er ingen terminal",
  "{0} is none of the answers; nothing was changed": "{0} er ikke et av svarene; ingenting er endret",
  "cannot ask for confirmation: standard input is not a terminal":
    "kan ikke be om bekreftelse: standard inn er ikke en terminal",
  "Add --yes to run the command without a question.": "Legg til --yes for å kjøre kommandoen uten spørsmål.",
  " [y/N]": " [j/N]",
  "not confirmed; nothing was changed": "ikke bekreftet; ingenting er endret",
  "not confirmed: {0} is not y or yes; nothing was changed":
    "ikke bekreftet: {0} er ikke j eller ja; ingenting er endret",
  "Passphrase:": "Passordfrase:",
  "Again:": "En gang til:",
  "the two passphrases differ": "de to passordfrasene er forskjellige",
  "Run the command again.": "Kjør kommandoen på nytt.",
  "no passphrase on standard input": "ingen passordfrase på standard inn",
  "Write it as the first line of standard input, or run the command on a terminal.":
    "Skriv den som første linje på standard inn, eller kjør kommandoen i en terminal.",
  "no answer; nothing was changed": "ikke noe svar; ingenting er endret",
  "the passphrase has more than {0} bytes": "passordfrasen er lengre enn {0} byte",
  "the passphrase is not valid UTF-8": "passordfrasen er ikke gyldig UTF-8",
  "Write it in UTF-8: files of Windows PowerShell 5.1 are UTF-16. Or run the command on a terminal, and type it.":
    "Skriv den i UTF-8: filer fra Windows PowerShell 5.1 er UTF-16. Eller kjør kommandoen i en terminal og tast den inn.",
  "the passphrase is empty": "passordfrasen er tom",
  "A passphrase has characters that are seen, 12 of them at least.":
    "En passordfrase består av synlige tegn, minst 12 av dem.",
  "{0}: {1} of {2}": "{0}: {1} av {2}",
  "Onboards, serves and revokes the terminals of a deployed stack.":
    "Registrerer, betjener og trekker tilbake terminalene i en utrullet stakk.",
  "language of help, messages and pages; default: the system's":
    "språket i hjelp, meldinger og sider; standard: systemets språk",
  "display help for command": "vis hjelp for kommandoen",
  "Exit codes: {0}.": "Sluttkoder: {0}.",
  "After {0} and {1}, running the same command again continues.":
    "Etter {0} og {1} fortsetter den samme kommandoen når den kjøres på nytt.",
  "read the audit log, the record of every change": "les revisjonsloggen, som registrerer hver endring",
  "name of the Pulumi stack; default: TERMINALS_STACK": "navnet på Pulumi-stakken; standard: TERMINALS_STACK",
  "the stack's outputs, as written by `npm run -s pulumi -- stack output --json`":
    "stakkens utdata, slik `npm run -s pulumi -- stack output --json` skriver dem",
  "folder for the sealed credential bundles": "mappe for de forseglede nøkkelpakkene",
  "seal with a passphrase instead; it is asked for, or read from standard input":
    "forsegle med en passordfrase i stedet; du blir spurt om den, eller den leses fra standard inn",
  "Examples:": "Eksempler:",
  "the terminal": "terminalen",
  "the file name": "filnavnet",
  "It must be a whole number from {0} to {1}.": "Det må være et helt tall fra {0} til {1}.",
  "It must be a number from {0} to {1}.": "Det må være et tall fra {0} til {1}.",
  "specify --recipient or --passphrase, which seals the credential bundles":
    "oppgi --recipient eller --passphrase, som forsegler nøkkelpakkene",
  "specify --out FOLDER, the folder for the sealed credential bundles":
    "oppgi --out FOLDER, mappen for de forseglede nøkkelpakkene",
  "specify the deployed stack: --stack NAME or --outputs FILE":
    "oppgi den utrullede stakken: --stack NAME eller --outputs FILE",
  "Or give the stack's outputs: --outputs FILE.": "Eller oppgi stakkens utdata: --outputs FILE.",
  "how long the file link is valid, counted from 15 minutes before it is created, because clocks differ; 1/24 to {0}":
    "hvor lenge fillenken er gyldig, regnet fra 15 minutter før den lages, fordi klokker går ulikt; 1/24 til {0}",
  "1/24 (an hour)": "1/24 (en time)",
};
