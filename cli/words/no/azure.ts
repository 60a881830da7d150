/** Norwegian words of azure, by their English text. */
export const azure = {
  "must be the host name of an IoT Hub: HUB.azure-devices.net":
    "må være vertsnavnet til en IoT Hub: HUB.azure-devices.net",
  "must be the URL of an API in API Management: https://SERVICE.azure-api.net/PATH":
    "må være URL-en til et API i API Management: https://SERVICE.azure-api.net/PATH",
  "must be the URL of a blob: https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB":
    "må være URL-en til en blob: https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB",
  "{0}. The work begins at the throttle of {1}.": "{0}. Arbeidet begynner med kallgrensen til {1}.",
  "reading the IoT Hub {0}": "lesing av IoT Hub {0}",
  "no answer in {0} seconds": "ikke noe svar på {0} sekunder",
  "the answer holds no tier": "svaret har ikke noe nivå",
  "{0} with {1}": "{0} med {1}",
  "import jobs of the IoT Hub (role-terminal-importer)": "importjobber i IoT Hub (role-terminal-importer)",
  "customers' subscriptions (role-flow-keys-operator)": "kundenes abonnementer (role-flow-keys-operator)",
  "audit log (role-audit-recorder)": "revisjonslogg (role-audit-recorder)",
  "gave up after {0} concurrent modifications of {1}": "ga opp etter {0} samtidige endringer av {1}",
  "Another program is modifying it. Run this again later.":
    "Et annet program endrer det samme. Kjør dette på nytt senere.",
  "must be {0}, which belongs to the resource ID beside it":
    "må være {0}, som hører til ressurs-ID-en ved siden av",
  "must be https://ACCOUNT.blob.core.windows.net/CONTAINER, with the stack's account for the audit log":
    "må være https://ACCOUNT.blob.core.windows.net/CONTAINER, med stakkens konto for revisjonsloggen",
  "must be https://ACCOUNT.table.core.windows.net/, with the stack's account for the key table":
    "må være https://ACCOUNT.table.core.windows.net/, med stakkens konto for nøkkeltabellen",
  "must be the resource ID of a {0}": "må være ressurs-ID-en til en {0}",
  "must be in the subscription of the output subscriptionId":
    "må være i abonnementet fra utdataen subscriptionId",
  "must be {0}": "må være {0}",
  "the blob endpoint of a storage account: https://ACCOUNT.blob.core.windows.net/":
    "blobendepunktet til en lagringskonto: https://ACCOUNT.blob.core.windows.net/",
  "the host name of an IoT Hub: HUB.azure-devices.net": "vertsnavnet til en IoT Hub: HUB.azure-devices.net",
  "the URL of a container: https://ACCOUNT.blob.core.windows.net/CONTAINER":
    "URL-en til en container: https://ACCOUNT.blob.core.windows.net/CONTAINER",
  "the URL of an API in API Management: https://SERVICE.azure-api.net/PATH":
    "URL-en til et API i API Management: https://SERVICE.azure-api.net/PATH",
  "the table endpoint of a storage account: https://ACCOUNT.table.core.windows.net/":
    "tabellendepunktet til en lagringskonto: https://ACCOUNT.table.core.windows.net/",
  "must be the name of a table": "må være navnet på en tabell",
  "the outputs of stack {0} cannot be read: {1}": "utdataene til stakken {0} kan ikke leses: {1}",
  "Check --stack and PULUMI_BACKEND_URL (`npm run pulumi -- stack ls`), or use a file from `npm run -s pulumi -- stack output --json --stack {0}`: --outputs FILE.":
    "Kontroller --stack og PULUMI_BACKEND_URL (`npm run pulumi -- stack ls`), eller bruk en fil fra `npm run -s pulumi -- stack output --json --stack {0}`: --outputs FILE.",
  "stack {0}": "stakk {0}",
  "{0}: the outputs are not JSON": "{0}: utdataene er ikke JSON",
  "Deploy the stack first (`npm run pulumi -- up`), with the same version of this project.":
    "Rull ut stakken først (`npm run pulumi -- up`), med samme versjon av dette prosjektet.",
  "{0}: there are no outputs, so the stack is not deployed":
    "{0}: det finnes ingen utdata, så stakken er ikke rullet ut",
  "{0}: the outputs are not those of this project:": "{0}: utdataene er ikke fra dette prosjektet:",
  "Nothing was sent. {0} Outputs in a file are used as `npm run -s pulumi -- stack output --json` prints them, without a change.":
    "Ingenting er sendt. {0} Utdata i en fil brukes slik `npm run -s pulumi -- stack output --json` skriver dem, uten endring.",
  "NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the verification of certificates":
    "NODE_TLS_REJECT_UNAUTHORIZED=0 slår av kontrollen av sertifikater",
  "Nothing was sent. Remove that variable. If a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to a file with its root certificate (PEM).":
    "Ingenting er sendt. Fjern den variabelen. Hvis en proxy inspiserer TLS, sett NODE_EXTRA_CA_CERTS til en fil med rotsertifikatet dens (PEM).",
  "the answer did not come from the service: {0} answered with 200 about another device":
    "svaret kom ikke fra tjenesten: {0} svarte med 200 om en annen enhet",
  "the response of the IoT Hub is not JSON": "svaret fra IoT Hub er ikke JSON",
  "starting an import job": "start av en importjobb",
  "reading an import job": "lesing av en importjobb",
  "reading the jobs of the IoT Hub": "lesing av jobbene i IoT Hub",
  "creating {0} device identities": "oppretting av {0} enhetsidentiteter",
  "changing the device twin {0}": "endring av enhetstvillingen {0}",
  "reading the device identity {0}": "lesing av enhetsidentiteten {0}",
  "changing the device identity {0}": "endring av enhetsidentiteten {0}",
  "disabling the device identity {0}": "deaktivering av enhetsidentiteten {0}",
  "{0}: the answer does not confirm it": "{0}: svaret bekrefter det ikke",
  "Check the network and the proxy, and run this again.":
    "Kontroller nettverket og proxyen, og kjør dette på nytt.",
  "deleting the device identity {0}": "sletting av enhetsidentiteten {0}",
  "the subscription of customer {0} is {1}": "abonnementet til kunden {0} er {1}",
  "Activate the subscription {0} in API Management ({1}) first.":
    "Aktiver abonnementet {0} i API Management ({1}) først.",
  "the subscription key of customer {0}": "abonnementsnøkkelen til kunden {0}",
  "{0} is empty": "{0} er tom",
  "reading the subscription keys of customer {0}": "lesing av abonnementsnøklene til kunden {0}",
  "{0}: one of them is empty": "{0}: en av dem er tom",
  "regenerating the secondary subscription key of customer {0}":
    "fornying av den sekundære abonnementsnøkkelen til kunden {0}",
  "swapping the subscription keys of customer {0}": "ombytting av abonnementsnøklene til kunden {0}",
  "reading the subscription of customer {0}": "lesing av abonnementet til kunden {0}",
  "writing the Flow key rows": "skriving av radene med Flow-nøkkel",
  "revoking the Flow key of {0}": "tilbaketrekking av Flow-nøkkelen til {0}",
  "reading the Flow key row of {0}": "lesing av raden med Flow-nøkkelen til {0}",
  "changing the Flow key row of {0}": "endring av raden med Flow-nøkkelen til {0}",
  "writing the Flow key row of {0}": "skriving av raden med Flow-nøkkelen til {0}",
  "deleting the Flow key row of {0}": "sletting av raden med Flow-nøkkelen til {0}",
  "looking up the Flow key rows of {0}": "oppslag av radene med Flow-nøkkel for {0}",
};
