/** Norwegian words for looking up terminals, names and the own sign-in, by their English text. */
export const lookUp = {
  "the fleet has no terminal with a customer": "terminalparken har ingen terminal med en kunde",
  "no customer {0}": "ingen kunde {0}",
  "no site {0}": "ingen lokasjon {0}",
  "no site {0} of customer {1}": "ingen lokasjon {0} hos kunden {1}",
  "; it is a site of {0}": "; den er en lokasjon hos {0}",
  "the fleet has no terminal with a site": "terminalparken har ingen terminal med en lokasjon",
  "`npx terminals list` lists the terminals with their customers and sites.":
    "`npx terminals list` lister opp terminalene med kunder og lokasjoner.",
  "`npx terminals list` lists the terminals.": "`npx terminals list` lister opp terminalene.",
  "; did you mean {0}?": "; mente du {0}?",
  "; the nearest name is {0}": "; det nærmeste navnet er {0}",
  "; the nearest names are {0}": "; de nærmeste navnene er {0}",
  "the fleet has no terminals": "terminalparken har ingen terminaler",
  "no terminal {0}": "ingen terminal {0}",
  "no customer {0} in the audit log": "ingen kunde {0} i revisjonsloggen",
  "no terminal {0} in the audit log": "ingen terminal {0} i revisjonsloggen",
  "it names no customer yet": "den nevner ingen kunde ennå",
  "it names no terminal yet": "den nevner ingen terminal ennå",
  "show this terminal alone, as `terminals show` does":
    "vis bare denne terminalen, slik `terminals show` gjør",
  "TERMINAL excludes all options but --stack, --outputs and --json":
    "TERMINAL utelukker alle valg unntatt --stack, --outputs og --json",
  "show the version": "vis versjonen",
  "show who is signed in, which stack is used, and which of the operators' roles are missing":
    "vis hvem som er logget på, hvilken stakk som brukes, og hvilke av operatørenes roller som mangler",
  present: "finnes",
  missing: "mangler",
  "not known": "ukjent",
  "signed in as": "logget på som",
  "application {0}": "applikasjonen {0}",
  "object ID": "objekt-ID",
  stack: "stakk",
  "outputs in {0}": "utdata i {0}",
  environment: "miljø",
  tenant: "leier",
  subscription: "abonnement",
  "IoT Hub": "IoT Hub",
  "operators' group": "operatørenes gruppe",
  "1 of {0} is missing": "1 av {0} mangler",
  "{0} of {1} are missing": "{0} av {1} mangler",
  'Members of the group "{0}" have all of them. An administrator adds you:':
    "Medlemmer av gruppen «{0}» har alle. En administrator legger deg til:",
  "It takes about half a minute to take effect. Then sign in again.":
    "Det tar omtrent et halvt minutt før det virker. Logg så på igjen.",
  "show one terminal: state, keys and their age, files, alerts, and its last changes":
    "vis én terminal: tilstand, nøkler og hvor gamle de er, filer, varsler og de siste endringene",
  alerts: "varsler",
  files: "filer",
  "last changes": "siste endringer",
  "{0} old, from {1}": "{0} gammel, fra {1}",
  "Flow key": "Flow-nøkkel",
  ", revoked": ", trukket tilbake",
  ", of {0}": ", hos {0}",
  name: "navn",
  terminal: "terminal",
  customer: "kunde",
  site: "lokasjon",
  state: "tilstand",
  "last seen": "sist sett",
  "{0} ago, {1}": "for {0} siden, {1}",
  never: "aldri",
  "device keys": "enhetsnøkler",
  none: "ingen",
  "the changes of {0}: ": "endringene av {0}: ",
  "The changes of {0} could not be read: {1}": "Endringene av {0} kunne ikke leses: {1}",
  "list terminals with name, customer, site, state, and when they were last seen":
    "list opp terminaler med navn, kunde, lokasjon, tilstand og når de sist ble sett",
  "table for people; json: one object per line, as --json; csv: for Excel and other programs":
    "table for mennesker; json: ett objekt per linje, som --json; csv: for Excel og andre programmer",
  "what separates the columns of CSV; Excel expects a semicolon where the decimal sign is a comma":
    "hva som skiller kolonnene i CSV; Excel venter semikolon der desimaltegnet er komma",
  "--json excludes --output csv": "--json utelukker --output csv",
  "No terminal matches.": "Ingen terminal passer.",
  "SEEN (ago)": "SETT (siden)",
  "needs attention": "trenger tilsyn",
  "create an age key for an installer, and print its recipient for --recipient":
    "lag en age-nøkkel for en montør, og skriv ut mottakeren for --recipient",
  "new file for the key, which is secret; an existing file is not changed":
    "ny fil for nøkkelen, som er hemmelig; en fil som finnes, endres ikke",
  "The key is in {0}. It opens what is sealed for the recipient above: keep it secret, and keep a copy of it.":
    "Nøkkelen er i {0}. Den åpner det som er forseglet for mottakeren over: hold den hemmelig, og ta vare på en kopi.",
  "{0} exists already, and was not changed": "{0} finnes allerede, og ble ikke endret",
  "Name a new file: what is sealed for the key in it could not be opened without it.":
    "Oppgi en ny fil: det som er forseglet for nøkkelen i denne, kunne ikke åpnes uten den.",
};
