/** Norwegian words of onboarding, by their English text. */
export const onboarding = {
  "verifying that the container of an import is deleted":
    "kontroll av at containeren til en import er slettet",
  "creating a container for an import job": "oppretting av en container for en importjobb",
  "writing the devices.txt of an import job": "skriving av devices.txt for en importjobb",
  "deleting the devices.txt of an import job": "sletting av devices.txt for en importjobb",
  "acquiring the lease of an import job's container": "låsing av containeren til en importjobb",
  "reading the {0} of an import job": "lesing av {0} for en importjobb",
  "its device identity exists with the {0} {1}, but the batch has {2}":
    "enhetsidentiteten finnes med {0} {1}, men partiet har {2}",
  "Correct the batch, or remove the terminal from it.": "Rett partiet, eller fjern terminalen fra det.",
  "its device identity is disabled ({0})": "enhetsidentiteten er deaktivert ({0})",
  "A revoked terminal is not onboarded again: remove it from the batch.":
    "En tilbaketrukket terminal registreres ikke på nytt: fjern den fra partiet.",
  "its device identity authenticates with {0}, not with keys":
    "enhetsidentiteten autentiserer med {0}, ikke med nøkler",
  "Delete the device identity first.": "Slett enhetsidentiteten først.",
  "Other software created it, or a run was killed after the IoT Hub had created it without a device twin. If nothing uses it, delete it and run this again.":
    "Annen programvare har opprettet den, eller en kjøring ble stoppet etter at IoT Hub hadde opprettet den uten enhetstvilling. Hvis ingenting bruker den, slett den og kjør dette på nytt.",
  "the IoT Hub did not create its device identity: {0}": "IoT Hub opprettet ikke enhetsidentiteten: {0}",
  "the IoT Hub did not create its device identity in {0} attempts":
    "IoT Hub opprettet ikke enhetsidentiteten på {0} forsøk",
  "the import job did not create its device identity: {0}":
    "importjobben opprettet ikke enhetsidentiteten: {0}",
  "The IoT Hub runs one import or export job at a time, and another is in progress: waiting.":
    "IoT Hub kjører én import- eller eksportjobb om gangen, og en annen pågår: venter.",
  "the IoT Hub's import job ended with the status {0}": "importjobben i IoT Hub endte med statusen {0}",
  "See the reason with `az iot hub job show --job-id {0}`, and run this again: it continues. With --import never it uses no import job.":
    "Se årsaken med `az iot hub job show --job-id {0}`, og kjør dette på nytt: det fortsetter. Med --import never brukes ingen importjobb.",
  "Another import for this customer is in progress or was killed: waiting up to {0} seconds.":
    "En annen import for denne kunden pågår eller ble stoppet: venter opptil {0} sekunder.",
  "the journal {0} cannot be opened: {1}": "journalen {0} kan ikke åpnes: {1}",
  "Free disk space, and run this again: it continues.":
    "Frigjør diskplass, og kjør dette på nytt: det fortsetter.",
  "the journal {0} cannot be read: {1}": "journalen {0} kan ikke leses: {1}",
  "{0}: line {1} is damaged": "{0}: linje {1} er skadet",
  "Restore the journal from a copy. Without it, onboarded terminals cannot be recognised.":
    "Gjenopprett journalen fra en kopi. Uten den kan registrerte terminaler ikke gjenkjennes.",
  "another run onboarded it at the same time; the credential bundle created here would not work and was removed":
    "en annen kjøring registrerte den samtidig; nøkkelpakken fra denne kjøringen ville ikke virket og er fjernet",
  "Use the credential bundle of the other run.": "Bruk nøkkelpakken fra den andre kjøringen.",
  "it was revoked during this run; the credential bundle created here was removed":
    "den ble trukket tilbake under denne kjøringen; nøkkelpakken herfra er fjernet",
  "its device identity is disabled": "enhetsidentiteten er deaktivert",
  "an earlier run onboarded it for {0}, site {1}":
    "en tidligere kjøring registrerte den for {0}, lokasjon {1}",
  "its Flow key is not the one in its credential bundle": "Flow-nøkkelen er ikke den i nøkkelpakken",
  "Its keys were rotated, or another run onboarded it: use the newer credential bundle. The one in this folder, if there is one, is renamed to .age.outdated.":
    "Nøklene er rotert, eller en annen kjøring har registrert den: bruk den nyeste nøkkelpakken. Den i denne mappen, hvis det er noen, får nytt navn med .age.outdated.",
  "its device identity is disabled, but its Flow key is active":
    "enhetsidentiteten er deaktivert, men Flow-nøkkelen er aktiv",
  "`npx terminals revoke {0} --reason TEXT` closes all its access paths, `npx terminals reinstate {1}` opens them again.":
    "`npx terminals revoke {0} --reason TEXT` stenger alle tilgangsveiene, `npx terminals reinstate {1}` åpner dem igjen.",
  "it was onboarded from this batch and deleted since":
    "den ble registrert fra dette partiet og er slettet siden",
  "Remove it from the batch. To onboard it again, put it into a new batch with another --out.":
    "Fjern den fra partiet. For å registrere den på nytt, legg den i et nytt parti med en annen --out.",
  "its device identity does not exist in the IoT Hub, so its credential bundle does not work there":
    "enhetsidentiteten finnes ikke i IoT Hub, så nøkkelpakken virker ikke der",
  "`npx terminals reinstate {0}` creates a new one, with a new credential bundle.":
    "`npx terminals reinstate {0}` oppretter en ny, med en ny nøkkelpakke.",
  "it is onboarded, but its credential bundle {0} is missing or was changed":
    "den er registrert, men nøkkelpakken {0} mangler eller er endret",
  "Restore the credential bundle from a copy: onboarding creates no second Flow key. If it is lost, run `npx terminals revoke {0} --reason TEXT` and then `npx terminals reinstate {1}`.":
    "Gjenopprett nøkkelpakken fra en kopi: registreringen lager ingen ny Flow-nøkkel. Hvis den er tapt, kjør `npx terminals revoke {0} --reason TEXT` og så `npx terminals reinstate {1}`.",
  "{0} exists already, and was not created for this batch and IoT Hub":
    "{0} finnes alt, og er ikke laget for dette partiet og denne IoT Hub",
  "Choose another folder with --out.": "Velg en annen mappe med --out.",
  "it is onboarded already, and its credential bundle is not in this folder":
    "den er alt registrert, og nøkkelpakken er ikke i denne mappen",
  "Use the credential bundle of that run, or copy its folder and its journal here. Onboarding creates no second Flow key.":
    "Bruk nøkkelpakken fra den kjøringen, eller kopier mappen og journalen hit. Registreringen lager ingen ny Flow-nøkkel.",
  "its Flow key is revoked": "Flow-nøkkelen er trukket tilbake",
  "A revoked terminal is not onboarded again: `npx terminals reinstate {0}` gives it new keys.":
    "En tilbaketrukket terminal registreres ikke på nytt: `npx terminals reinstate {0}` gir den nye nøkler.",
  "listing the containers of earlier import jobs": "listing av containerne til tidligere importjobber",
};
