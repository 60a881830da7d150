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
};
