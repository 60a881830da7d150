/** Norwegian words of `move` and `label`, by their English text. */
export const moveCommands = {
  "the subscription key of {0} is being rotated": "abonnementsnøkkelen til {0} er under utskifting",
  "End that rotation first: `npx terminals rotate --customer {0} --continue`.":
    "Fullfør den utskiftingen først: `npx terminals rotate --customer {0} --continue`.",
  "Another customer's terminal needs new keys, which are brought to it in a sealed file.":
    "En terminal hos en annen kunde trenger nye nøkler, som bringes til den i en forseglet fil.",
  "there is no customer {0}": "det finnes ingen kunde {0}",
  "Check the spelling. A customer exists as soon as its first terminal is onboarded.":
    "Kontroller skrivemåten. En kunde finnes så snart dens første terminal er registrert.",
  "{0} has delivered files of {1}: {2}": "{0} har levert filer for {1}: {2}",
  "Collect them first: `npx terminals files {0} --collect FOLDER`.":
    "Hent dem først: `npx terminals files {0} --collect FOLDER`.",
  "the IoT Hub has no terminal {0}": "IoT Hub har ingen terminal {0}",
  "the device twin {0} has no tags customer and site":
    "enhetstvillingen {0} har ikke merkene customer og site",
  "It was never onboarded: onboard it.": "Den ble aldri registrert: registrer den.",
  "the device identity {0} was deleted": "enhetsidentiteten {0} ble slettet",
  "no reason given": "ingen grunn oppgitt",
  "{0} is revoked ({1})": "{0} er trukket tilbake ({1})",
  "If it is to work again: `npx terminals reinstate {0}`. Then move it.":
    "Hvis den skal virke igjen: `npx terminals reinstate {0}`. Flytt den deretter.",
  "{0} is being moved to {1} of {2}": "{0} er i ferd med å flyttes til {1} hos {2}",
  "Complete that move first: `npx terminals move {0} --customer {1} --site {2}`.":
    "Fullfør den flyttingen først: `npx terminals move {0} --customer {1} --site {2}`.",
  "Complete that move first: `npx terminals move {0} --customer {1} --site {2} --name {3}`.":
    "Fullfør den flyttingen først: `npx terminals move {0} --customer {1} --site {2} --name {3}`.",
  "move a terminal to another site or customer: its tags, its Flow key row and its credential bundle; run it again to continue":
    "flytt en terminal til en annen lokasjon eller kunde: merkene, Flow-nøkkelraden og nøkkelpakken; kjør på nytt for å fortsette",
  "its new site": "den nye lokasjonen",
  "its new name; default: it keeps its name": "det nye navnet; standard: den beholder navnet",
  "its new customer; default: it keeps its customer": "den nye kunden; standard: den beholder kunden",
  "how long the old keys stay valid after the new ones were used; to another customer they end at once":
    "hvor lenge de gamle nøklene er gyldige etter at de nye er brukt; til en annen kunde opphører de straks",
  "maximum wait for the IoT Hub to close an open connection":
    "lengste ventetid på at IoT Hub lukker en åpen forbindelse",
  "Move {0} in {1} to {2} of {3}? It stops working until its new credential bundle is installed.":
    "Flytte {0} i {1} til {2} hos {3}? Den slutter å virke til den nye nøkkelpakken er installert.",
  "Move {0} in {1} to {2}?": "Flytte {0} i {1} til {2}?",
  "{0} is at {1} of {2} already; nothing was changed": "{0} er allerede på {1} hos {2}; ingenting ble endret",
  "{0} is moved to {1} of {2}": "{0} er flyttet til {1} hos {2}",
  "Bring the credential bundle {0} to the terminal.": "Bring nøkkelpakken {0} til terminalen.",
  "Its old keys stay valid until `npx terminals rotate --continue` ends the rotation.":
    "De gamle nøklene er gyldige til `npx terminals rotate --continue` fullfører utskiftingen.",
  "write labels and a note about a terminal, which commands show and select by":
    "skriv etiketter og et notat om en terminal, som kommandoer viser og velger etter",
  "labels as KEY=VALUE; without any and without an option, the labels are shown":
    "etiketter som KEY=VALUE; uten noen og uten valg vises etikettene",
  "remove this label; can be repeated": "fjern denne etiketten; kan gjentas",
  "write this note; an empty text removes it": "skriv dette notatet; en tom tekst fjerner det",
  "the label {0} is both written and removed": "etiketten {0} både skrives og fjernes",
  "no labels": "ingen etiketter",
  "note: {0}": "notat: {0}",
  "Note: {0}": "Notat: {0}",
  "{0} would have more than {1} labels": "{0} ville fått mer enn {1} etiketter",
  "Remove some: --remove KEY.": "Fjern noen: --remove KEY.",
};
