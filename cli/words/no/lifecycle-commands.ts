/** Norwegian words of lifecycle commands, by their English text. */
export const lifecycleCommands = {
  "revoke a terminal for good; a later run deletes it, after a waiting period":
    "trekk en terminal tilbake for godt; en senere kjøring sletter den, etter en ventetid",
  "waiting period, counted from the first run; default 30":
    "ventetid, regnet fra første kjøring; standard 30",
  "delete all terminals whose waiting period is over": "slett alle terminaler som har ventetiden bak seg",
  "reason, stored with the old device identity": "grunn, lagres med den gamle enhetsidentiteten",
  "onboard new hardware at the site of an old terminal, and revoke the old one":
    "registrer ny maskinvare på lokasjonen til en gammel terminal, og trekk den gamle tilbake",
  "ID of the old terminal": "ID-en til den gamle terminalen",
  "ID of the new terminal": "ID-en til den nye terminalen",
  "revoke the old terminal at once, before the new one has connected to the IoT Hub":
    "trekk den gamle terminalen tilbake med en gang, før den nye har koblet seg til IoT Hub",
  "maximum wait for the new terminal to connect": "lengste ventetid på at den nye terminalen kobler seg til",
  "open the access paths of a revoked terminal again, with new keys in a new credential bundle":
    "åpne tilgangsveiene til en tilbaketrukket terminal igjen, med nye nøkler i en ny nøkkelpakke",
  "its customer, if the IoT Hub no longer has the terminal":
    "kunden dens, hvis IoT Hub ikke lenger har terminalen",
  "show a sealed credential bundle; everything in it is secret":
    "vis en forseglet nøkkelpakke; alt i den er hemmelig",
  "credential bundle, TERMINAL.age": "nøkkelpakke, TERMINAL.age",
  "file with your age identity, as age-keygen writes it; without it the passphrase is asked for":
    "fil med age-identiteten din, slik age-keygen skriver den; uten den blir du spurt om passordfrasen",
  "write one JSON object on one line, for programs": "skriv ett JSON-objekt på én linje, for programmer",
  "Delete {0} in {1} for good? Its waiting period ended on {2}: its device identity, its files and its Flow key row are deleted now.":
    "Slette {0} i {1} for godt? Ventetiden gikk ut {2}: enhetsidentiteten, filene og raden med Flow-nøkkelen slettes nå.",
  "Delete {0} in {1} for good? It still works, and is revoked first. Its waiting period ended on {2}: its device identity, its files and its Flow key row are deleted now.":
    "Slette {0} i {1} for godt? Den virker fortsatt, og trekkes tilbake først. Ventetiden gikk ut {2}: enhetsidentiteten, filene og raden med Flow-nøkkelen slettes nå.",
  "Retire {0} in {1}? It is revoked now, and can be deleted from {2}.":
    "Avvikle {0} i {1}? Den trekkes tilbake nå, og kan slettes fra {2}.",
  "the retired terminal {0}": "den avviklede terminalen {0}",
  "{0} retired terminals": "{0} avviklede terminaler",
  "Delete {0} in {1} for good?": "Slette {0} i {1} for godt?",
  "Delete {0} of {1} in {2} for good?": "Slette {0} hos {1} i {2} for godt?",
  "{0} is revoked, and can be deleted from {1}: run this again then, or `npx terminals retire --due`":
    "{0} er trukket tilbake, og kan slettes fra {1}: kjør dette på nytt da, eller `npx terminals retire --due`",
  now: "nå",
  "{0} is deleted; the audit log keeps its records": "{0} er slettet; revisjonsloggen beholder oppføringene",
  "specify TERMINAL or --due": "oppgi TERMINAL eller --due",
  "--after is ignored: {0} is already marked for deletion from {1}.":
    "--after blir ikke brukt: {0} er alt merket for sletting fra {1}.",
  "No terminal is due for deletion.": "Ingen terminal er klar for sletting.",
  "Run this again: it continues.": "Kjør dette på nytt: det fortsetter.",
  "Run this again.": "Kjør dette på nytt.",
  "{0} of {1} not retired": "{0} av {1} er ikke avviklet",
  "Follow the remedy of each, and run this again.": "Følg rådet for hver av dem, og kjør dette på nytt.",
  "Run the same command again: it continues.": "Kjør den samme kommandoen på nytt: den fortsetter.",
  "OLD and NEW are the same terminal, {0}": "OLD og NEW er samme terminal, {0}",
  "Replace {0} at {1} ({2}) by {3}, in {4}?": "Erstatte {0} på {1} ({2}) med {3}, i {4}?",
  "{0} is onboarded at {1} in place of {2}; its credential bundle is {3}":
    "{0} er registrert på {1} i stedet for {2}; nøkkelpakken er {3}",
  "{0} is revoked: {1}": "{0} er trukket tilbake: {1}",
  "Waiting for {0} to connect to the IoT Hub, at most {1}. {2} keeps working until then.":
    "Venter på at {0} kobler seg til IoT Hub, høyst {1}. {2} virker til da.",
  "{0} has not connected to the IoT Hub; {1} still works":
    "{0} har ikke koblet seg til IoT Hub; {1} virker fortsatt",
  "Run this again once {0} is connected, or add --now to revoke {1} without waiting.":
    "Kjør dette på nytt når {0} er tilkoblet, eller legg til --now for å trekke tilbake {1} uten å vente.",
  "interrupted; {0} still works": "avbrutt; {0} virker fortsatt",
  "Reinstate {0} in {1}, with new keys?": "Gjenåpne {0} i {1}, med nye nøkler?",
  "{0} ({1}, {2}) is reinstated; its credential bundle is {3}":
    "{0} ({1}, {2}) er gjenåpnet; nøkkelpakken er {3}",
  "{0} is not revoked; its stored access policy was missing and was created again":
    "{0} er ikke trukket tilbake; den lagrede tilgangspolicyen manglet og er opprettet på nytt",
  "{0} is not revoked; nothing was changed": "{0} er ikke trukket tilbake; ingenting er endret",
  "{0} offered to it before the revocation deleted: send them again.":
    "{0} som var tilbudt før tilbaketrekkingen, er slettet: send på nytt.",
};
