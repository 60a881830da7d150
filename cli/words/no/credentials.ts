/** Norwegian words of credentials, by their English text. */
export const credentials = {
  "{0} is not a folder": "{0} er ikke en mappe",
  "Free disk space or correct the folder's permissions, and run this again: it continues.":
    "Frigjør diskplass eller rett rettighetene på mappen, og kjør dette på nytt: det fortsetter.",
  "The installer creates a key with `npx terminals keygen key.txt` and gives you its recipient, which starts with age1.":
    "Montøren lager en nøkkel med `npx terminals keygen key.txt` og gir deg mottakeren, som begynner med age1.",
  "Create a key with `npx terminals keygen key.txt`, and have the bundle sealed for its recipient.":
    "Lag en nøkkel med `npx terminals keygen key.txt`, og få pakken forseglet for mottakeren dens.",
  "the recipient is an SSH public key, and SSH keys are not accepted: only age recipients (age1…)":
    "mottakeren er en offentlig SSH-nøkkel, og SSH-nøkler godtas ikke: bare age-mottakere (age1…)",
  "the recipient is a private key, which other programs on this computer can read in the command's arguments":
    "mottakeren er en privat nøkkel, som andre programmer på denne maskinen kan lese i kommandoens argumenter",
  "Do not use that key again. {0}": "Bruk ikke den nøkkelen igjen. {0}",
  "the recipient is for a plugin of age, and plugins are not accepted: only age's own recipients":
    "mottakeren er for et tillegg til age, og tillegg godtas ikke: bare age sine egne mottakere",
  "the recipient {0} is not an age recipient (age1…)": "mottakeren {0} er ikke en age-mottaker (age1…)",
  "the recipient is not an age recipient (age1…)": "mottakeren er ikke en age-mottaker (age1…)",
  "the identity file contains a key for a plugin of age, and plugins are not accepted":
    "identitetsfilen inneholder en nøkkel for et tillegg til age, og tillegg godtas ikke",
  "the identity file contains a recipient (age1…), which is a public key":
    "identitetsfilen inneholder en mottaker (age1…), som er en offentlig nøkkel",
  "Name the file with the private key (AGE-SECRET-KEY-1…), which `age-keygen -o key.txt` has created.":
    "Oppgi filen med den private nøkkelen (AGE-SECRET-KEY-1…), som `age-keygen -o key.txt` har laget.",
  "the identity file contains a key that is not an age identity":
    "identitetsfilen inneholder en nøkkel som ikke er en age-identitet",
  "the identity file is an SSH key, and SSH keys are not accepted":
    "identitetsfilen er en SSH-nøkkel, og SSH-nøkler godtas ikke",
  "the identity file is itself sealed": "identitetsfilen er selv forseglet",
  "Open it first, with `age --decrypt`, and name the result.":
    "Åpne den først, med `age --decrypt`, og oppgi resultatet.",
  "they are not sealed for its age identity, or are no credential bundle":
    "de er ikke forseglet for age-identiteten dens, eller er ingen nøkkelpakke",
  "they are for another terminal or another IoT Hub": "de er for en annen terminal eller en annen IoT Hub",
  "they are older than its current keys": "de er eldre enn nøklene den har",
  "the IoT Hub rejected the new key and accepted the current one":
    "IoT Hub avviste den nye nøkkelen og godtok den gamle",
  "the passphrase contains a character that cannot be typed":
    "passordfrasen inneholder et tegn som ikke kan tastes",
  "Write it in UTF-8, without a byte order mark and without control characters.":
    "Skriv den i UTF-8, uten byterekkefølgemerke og uten kontrolltegn.",
  "the passphrase is shorter than {0} characters": "passordfrasen er kortere enn {0} tegn",
  "it does not contain a credential bundle of this version":
    "den inneholder ingen nøkkelpakke av denne versjonen",
  "it cannot be opened: {0}": "den kan ikke åpnes: {0}",
  "It may be sealed for another key or passphrase, be damaged, or be no sealed credential bundle.":
    "Den kan være forseglet for en annen nøkkel eller passordfrase, være skadet, eller ikke være en forseglet nøkkelpakke.",
  "the identity file contains no key": "identitetsfilen inneholder ingen nøkkel",
};
