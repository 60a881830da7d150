/** Norwegian words of lifecycle, by their English text. */
export const lifecycle = {
  "{0}; closing {1} again failed too": "{0}; å stenge {1} igjen mislyktes også",
  "Run `npx terminals revoke {0} --reason TEXT`.": "Kjør `npx terminals revoke {0} --reason TEXT`.",
  "the device identity {0}": "enhetsidentiteten {0}",
  "creating the device identity {0}: {1}": "oppretting av enhetsidentiteten {0}: {1}",
  "the device identity {0} was deleted": "enhetsidentiteten {0} er slettet",
  "another operator revoked or reinstated the terminal at the same time":
    "en annen operatør trakk tilbake eller gjenåpnet terminalen samtidig",
  "It stays revoked, and a credential bundle that this run created does not work. Find out who with `npx terminals audit show`, then run this again.":
    "Den forblir trukket tilbake, og en nøkkelpakke fra denne kjøringen virker ikke. Finn ut hvem det var med `npx terminals audit show`, og kjør så dette på nytt.",
  "{0} is a terminal of {1}, not of {2}": "{0} er en terminal hos {1}, ikke hos {2}",
  "Nothing was changed. Check the terminal ID. Without --customer, the terminal's own customer is used.":
    "Ingenting er endret. Kontroller terminal-ID-en. Uten --customer brukes terminalens egen kunde.",
  "{0} is retired, and is being deleted": "{0} er avviklet, og blir slettet",
  "Complete the deletion with `npx terminals retire {0}`. Then onboard the terminal again.":
    "Fullfør slettingen med `npx terminals retire {0}`. Registrer så terminalen på nytt.",
  "the device twin {0} has no tags customer and site":
    "enhetstvillingen {0} mangler merkene customer og site",
  "It was never onboarded: onboard it.": "Den er aldri registrert: registrer den.",
  "{0} has Flow key rows of {1}": "{0} har rader med Flow-nøkkel hos {1}",
  "Name the customer that it belongs to: --customer ID.": "Oppgi kunden den hører til: --customer ID.",
  "there is no terminal {0} at the IoT Hub or the Flow API":
    "det finnes ingen terminal {0} i IoT Hub eller Flow API",
  "deleting the files offered to {0}": "sletting av filene som er tilbudt {0}",
  "{0} is replaced by {1}": "{0} er erstattet med {1}",
  "To replace that terminal: `npx terminals replace {0} {1}`.":
    "For å erstatte den terminalen: `npx terminals replace {0} {1}`.",
  "{0} is not revoked": "{0} er ikke trukket tilbake",
  "Run `npx terminals revoke {0} --reason TEXT` first.":
    "Kjør `npx terminals revoke {0} --reason TEXT` først.",
  "deleting the container {0}": "sletting av containeren {0}",
  "revoking the Flow key rows": "tilbaketrekking av radene med Flow-nøkkel",
  "closing the files": "stenging av filene",
  "revoking the Flow key rows again": "ny tilbaketrekking av radene med Flow-nøkkel",
  "closing the files again": "ny stenging av filene",
  "there is no Flow key row": "det finnes ingen rad med Flow-nøkkel",
  "the IoT Hub has no such device identity": "IoT Hub har ingen slik enhetsidentitet",
  "device identity disabled, both keys replaced, no open connection":
    "enhetsidentiteten er deaktivert, begge nøkler er byttet ut, ingen åpen forbindelse",
  "closing the IoT Hub": "stenging av IoT Hub",
  'closing the access path "{0}"': "stenging av tilgangsveien «{0}»",
  "reading the Flow key rows": "lesing av radene med Flow-nøkkel",
  "querying the devices": "spørring etter enhetene",
  "{0}: interrupted, there was no answer yet": "{0}: avbrutt, det hadde ikke kommet noe svar",
  "{0}: no result after {1} s": "{0}: ikke noe resultat etter {1} s",
  "Run this again when the service answers.": "Kjør dette på nytt når tjenesten svarer.",
  "there is no container": "det finnes ingen container",
  "there is no stored access policy, so no file link is valid":
    "det finnes ingen lagret tilgangspolicy, så ingen fillenke er gyldig",
  "the stored access policy is deleted, but storage still accepts a file link":
    "den lagrede tilgangspolicyen er slettet, men lagringen godtar fortsatt en fillenke",
  "Storage may take a minute to apply the change. Run this again.":
    "Det kan ta et minutt før endringen gjelder i lagringen. Kjør dette på nytt.",
  "stored access policy deleted, a file link is rejected":
    "lagret tilgangspolicy slettet, en fillenke blir avvist",
  "there was no Flow key row; a revoked one was added":
    "det fantes ingen rad med Flow-nøkkel; en tilbaketrukket er lagt til",
  "Flow key rows of {0} customers revoked": "rader med Flow-nøkkel hos {0} kunder er trukket tilbake",
  "Flow key row revoked": "raden med Flow-nøkkelen er trukket tilbake",
  "the Flow key row has the status {0}": "raden med Flow-nøkkelen har statusen {0}",
  "another operator reinstated the terminal at the same time":
    "en annen operatør gjenåpnet terminalen samtidig",
  "Find out who with `npx terminals audit show`. Then run this again.":
    "Finn ut hvem det var med `npx terminals audit show`. Kjør så dette på nytt.",
  "the device identity is disabled and its keys are replaced, but its connection is still open after {0} s":
    "enhetsidentiteten er deaktivert og nøklene er byttet ut, men forbindelsen er fortsatt åpen etter {0} s",
  "The IoT Hub closes it, or it ends when its token expires. Run this again to verify that it is closed.":
    "IoT Hub lukker den, eller den slutter når tokenet utløper. Kjør dette på nytt for å kontrollere at den er lukket.",
  "the device identity is disabled and its keys are replaced, but its connection could not be checked: {0}":
    "enhetsidentiteten er deaktivert og nøklene er byttet ut, men forbindelsen kunne ikke kontrolleres: {0}",
  "the IoT Hub": "IoT Hub",
  "storage or the Resource Manager": "lagringen eller Resource Manager",
  "the key table": "nøkkeltabellen",
  "not tried: {0} did not answer for {1} terminals in a row":
    "ikke forsøkt: {0} svarte ikke for {1} terminaler på rad",
  "must be 1 to 40 of a-z, 0-9, hyphens and underscores, with a letter or a digit at both ends":
    "må være 1 til 40 tegn av a-z, 0-9, bindestreker og understreker, med bokstav eller siffer i begge ender",
  "the Flow key row of {0}": "raden med Flow-nøkkelen til {0}",
};
