/** Norwegian words of lib, by their English text. */
export const lib = {
  "all done": "alt er gjort",
  "some failed": "noe mislyktes",
  "wrong command line, file, batch, stack outputs or environment":
    "feil i kommandolinjen, en fil, partiet, stakkens utdata eller miljøet",
  "not signed in, or a role is missing": "ikke logget på, eller en rolle mangler",
  "a service cannot be reached": "en tjeneste kan ikke nås",
  "waiting, nothing failed": "venter, ingenting mislyktes",
  "defect of this program": "feil i dette programmet",
  "interrupted, or not confirmed": "avbrutt, eller ikke bekreftet",
  "it is a folder": "det er en mappe",
  "the disk is full": "disken er full",
  "the disk space that you may use is used up": "diskplassen som du kan bruke, er brukt opp",
  "a file cannot be written: {0}": "en fil kan ikke skrives: {0}",
  "Free disk space, and run the command again: it continues.":
    "Frigjør diskplass, og kjør kommandoen på nytt: den fortsetter.",
  "this computer's clock is {0} minutes ahead of Azure Storage's: a file link would not be valid yet":
    "klokken på denne datamaskinen går {0} minutter foran klokken til Azure Storage: en fillenke ville ikke være gyldig ennå",
  "Nothing was offered. Set this computer's clock, and run this again.":
    "Ingenting ble tilbudt. Still klokken på denne datamaskinen, og kjør dette på nytt.",
  "{0} cannot be read: {1}": "{0} kan ikke leses: {1}",
  "{0} cannot be written: {1}": "{0} kan ikke skrives: {1}",
  "{0} cannot be made: {1}": "{0} kan ikke opprettes: {1}",
  "must be 3 to 63 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends":
    "må være 3 til 63 tegn av a-z, 0-9 og enkle bindestreker, med bokstav eller siffer i begge ender",
  "is a name that Windows reserves, so no file can have it":
    "er et navn som Windows reserverer, så ingen fil kan ha det",
  "must be 2 to 40 of a-z, 0-9 and single hyphens, with a letter or a digit at both ends":
    "må være 2 til 40 tegn av a-z, 0-9 og enkle bindestreker, med bokstav eller siffer i begge ender",
  "contains a character that cannot be printed": "inneholder et tegn som ikke kan skrives ut",
  "is missing": "mangler",
  "must be {0} characters at most": "må være høyst {0} tegn",
  "contains a line break": "inneholder et linjeskift",
  "contains the invisible character {0}: delete it": "inneholder det usynlige tegnet {0}: slett det",
  "process {0}": "prosess {0}",
  "process {0} on {1}": "prosess {0} på {1}",
  "Wait for it to end. If there is no such run, remove {0}.":
    "Vent til den er ferdig. Hvis det ikke er noen slik kjøring, fjern {0}.",
  "soft hyphen": "myk bindestrek",
  "zero-width space": "mellomrom uten bredde",
  "zero-width non-joiner": "skilletegn uten bredde",
  "zero-width joiner": "bindetegn uten bredde",
  "word joiner": "ordbinder",
  "byte order mark": "byterekkefølgemerke",
  "direction mark": "retningsmerke",
  "Hangul filler": "hangul-fylltegn",
  "variation selector": "variantvelger",
  "blank Braille pattern": "tomt punktskriftmønster",
  "{0} was replaced by another folder during the run": "{0} ble byttet ut med en annen mappe under kjøringen",
  "Find out who replaced it. Use a folder below your home folder, and run this again.":
    "Finn ut hvem som har byttet den ut. Bruk en mappe under hjemmemappen din, og kjør dette på nytt.",
  "{0} is a link to {1}": "{0} er en lenke til {1}",
  "Name the folder itself, if it is the one that you mean.": "Oppgi selve mappen, hvis det er den du mener.",
  "the link {0} belongs to another account, which can replace it":
    "lenken {0} tilhører en annen konto, som kan bytte den ut",
  "the folder {0} belongs to another account, which can replace it":
    "mappen {0} tilhører en annen konto, som kan bytte den ut",
  "Use a folder below your home folder.": "Bruk en mappe under hjemmemappen din.",
  "{0} can be written by every account of this computer": "alle kontoer på denne maskinen kan skrive til {0}",
  "{0} can be written by other accounts of its group": "andre kontoer i gruppen kan skrive til {0}",
  "Use a folder that only you can write, or take the right away: chmod go-w {0}":
    "Bruk en mappe som bare du kan skrive til, eller ta bort rettigheten: chmod go-w {0}",
  " in PowerShell": " i PowerShell",
  "a sealed credential bundle": "en forseglet nøkkelpakke",
  "an age identity file": "en fil med age-identiteter",
  "a file of stack outputs": "en fil med stakkens utdata",
  "a list of destinations": "en liste over adresser",
  "{0} is not {1}: it has more than {2} KB": "{0} er ikke {1}: den er på mer enn {2} KB",
  "Check the path.": "Kontroller stien.",
  "{0} is a link; it is neither followed nor replaced":
    "{0} er en lenke; den blir verken fulgt eller erstattet",
  "Find out who created it, and remove it. Then run this again.":
    "Finn ut hvem som har laget den, og fjern den. Kjør så dette på nytt.",
  "is onboarding this batch": "registrerer dette partiet",
  "another run ({0}) {1}": "en annen kjøring ({0}) {1}",
  "another run {0}": "en annen kjøring {0}",
  "a PAC script": "et PAC-skript",
  "a file of service tags": "en fil med tjenestemerker",
  "no such file or directory": "filen eller mappen finnes ikke",
  "permission denied": "ingen tilgang",
  "operation not permitted": "operasjonen er ikke tillatt",
  "read-only file system": "filsystemet er skrivebeskyttet",
  "not a directory": "det er ikke en mappe",
};
