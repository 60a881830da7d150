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
};
