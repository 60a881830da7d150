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
  "{0} cannot be read: {1}": "{0} kan ikke leses: {1}",
  "{0} cannot be written: {1}": "{0} kan ikke skrives: {1}",
  "{0} cannot be made: {1}": "{0} kan ikke opprettes: {1}",
};
