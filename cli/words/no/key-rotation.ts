/** Norwegian words of key rotation, by their English text. */
export const keyRotation = {
  "it reports another age recipient than before": "den melder en annen age-mottaker enn før",
  "If it was set up again, add --new-recipient. If not, its key may be in use elsewhere: revoke the terminal.":
    "Hvis den er satt opp på nytt, legg til --new-recipient. Hvis ikke, kan nøkkelen være i bruk et annet sted: trekk tilbake terminalen.",
  "its device twin is full: desired properties are limited to 32 KB":
    "enhetstvillingen er full: ønskede egenskaper er begrenset til 32 KB",
  "Withdraw offers: `npx terminals files {0} --withdraw ID`.":
    "Trekk tilbake tilbud: `npx terminals files {0} --withdraw ID`.",
  "it has never connected, so new keys cannot be sealed for it":
    "den har aldri vært tilkoblet, så nye nøkler kan ikke forsegles for den",
  "it has not reported an age recipient for its keys": "den har ikke meldt en age-mottaker for nøklene sine",
  "Let it connect, or create a sealed file for the installer: --out FOLDER --recipient AGE_RECIPIENT.":
    "La den koble seg til, eller lag en forseglet fil til montøren: --out FOLDER --recipient AGE_RECIPIENT.",
  "it is revoked ({0})": "den er trukket tilbake ({0})",
  "`npx terminals reinstate` gives a revoked terminal new keys.":
    "`npx terminals reinstate` gir en tilbaketrukket terminal nye nøkler.",
  "its device twin has no tags customer and site": "enhetstvillingen mangler merkene customer og site",
  "Onboard it: only onboarded terminals have keys to rotate.":
    "Registrer den: bare registrerte terminaler har nøkler som kan roteres.",
  "the subscription key of its customer is being rotated": "abonnementsnøkkelen til kunden er under rotasjon",
  "`npx terminals rotate --customer {0} --continue` continues that rotation. If it finds none, start a new one with `--keys shared`.":
    "`npx terminals rotate --customer {0} --continue` fortsetter den rotasjonen. Hvis den ikke finner noen, start en ny med `--keys shared`.",
  "another run has taken over its rotation": "en annen kjøring har overtatt rotasjonen",
  "Wait until that run has ended. Then run this again.":
    "Vent til den kjøringen er ferdig. Kjør så dette på nytt.",
  "its Flow key row is {0}": "raden med Flow-nøkkelen er {0}",
  "it has no Flow key row": "den har ingen rad med Flow-nøkkel",
  "`npx terminals reinstate` gives it new keys.": "`npx terminals reinstate` gir den nye nøkler.",
  "Onboard it first.": "Registrer den først.",
  "there is no folder for its sealed credential bundle":
    "det finnes ingen mappe for den forseglede nøkkelpakken",
  "Continue with `npx terminals rotate --customer {0} --continue`.":
    "Fortsett med `npx terminals rotate --customer {0} --continue`.",
  "it was revoked at the same time": "den ble trukket tilbake samtidig",
  "it has no device identity": "den har ingen enhetsidentitet",
  "its device keys are not the delivered ones": "enhetsnøklene er ikke de som ble levert",
  "Another program replaced them. `npx terminals rotate TERMINAL --again` delivers new ones.":
    "Et annet program har byttet dem ut. `npx terminals rotate TERMINAL --again` leverer nye.",
  "rotating the keys of {0}": "rotasjon av nøklene til {0}",
  "it rejects its new keys: {0}": "den avviser de nye nøklene: {0}",
  "Its old keys stay valid. Run this again: it delivers new ones.":
    "De gamle nøklene er fortsatt gyldige. Kjør dette på nytt: det leverer nye.",
  "its sealed credential bundle is not in this folder": "den forseglede nøkkelpakken er ikke i denne mappen",
  "Use the folder of the run that sealed it, or seal a new one: --again.":
    "Bruk mappen til kjøringen som forseglet den, eller forsegl en ny: --again.",
  "it uses its old keys again, so they stay valid":
    "den bruker de gamle nøklene igjen, så de forblir gyldige",
  "Was it restored from a backup? Install its newest credential bundle, or deliver new keys: --again.":
    "Er den gjenopprettet fra en sikkerhetskopi? Installer den nyeste nøkkelpakken, eller lever nye nøkler: --again.",
  "another program changed the subscription keys of customer {0}":
    "et annet program har endret abonnementsnøklene til kunden {0}",
  "Run this again: it starts with a new key.": "Kjør dette på nytt: det begynner med en ny nøkkel.",
  "the next subscription key is the primary one now": "den neste abonnementsnøkkelen er nå den primære",
  "the old subscription key is invalid; gateways may accept it for another 10 minutes":
    "den gamle abonnementsnøkkelen er ugyldig; gatewayer kan godta den i 10 minutter til",
};
