/** Norwegian words of rotate command, by their English text. */
export const rotateCommand = {
  "regenerate the account key that signs no valid file link, and sign with it; before that is possible, show when it will be":
    "lag en ny kontonøkkel i stedet for den som ikke signerer noen gyldig fillenke, og signer med den; før det er mulig, vis når det blir det",
  "regenerate both account keys at once; this invalidates all file links":
    "lag begge kontonøklene på nytt med en gang; alle fillenker blir ugyldige",
  "do not ask for confirmation": "ikke be om bekreftelse",
  "replace the keys of terminals without an outage; run it again to continue":
    "bytt nøklene til terminaler uten avbrudd; kjør på nytt for å fortsette",
  "all terminals of this customer, and its subscription key":
    "alle terminaler hos denne kunden, og abonnementsnøkkelen dens",
  "which keys: device keys (hub), Flow key (flow), the customer's subscription key (shared); the Flow key is always among them":
    "hvilke nøkler: enhetsnøkler (hub), Flow-nøkkel (flow), kundens abonnementsnøkkel (shared); Flow-nøkkelen er alltid med",
  "continue rotations that have started; start no new one":
    "fortsett rotasjoner som er påbegynt; start ingen ny",
  "how long the old keys stay valid after the new ones were used":
    "hvor lenge de gamle nøklene er gyldige etter at de nye er brukt",
  "maximum wait for terminals, and for times to pass":
    "lengste ventetid på terminaler og på at frister går ut",
  "deliver keys as sealed files, also to terminals that accept key offers":
    "lever nøklene som forseglede filer, også til terminaler som tar imot nøkkeltilbud",
  "deliver pending keys again, for example if a sealed file was lost":
    "lever ventende nøkler på nytt, for eksempel hvis en forseglet fil er tapt",
  "accept the new recipient of a terminal that was reinstalled and reports another one than before":
    "godta den nye mottakeren til en terminal som er installert på nytt og melder en annen enn før",
  "Regenerate both account keys of {0} ({1})? This invalidates {2}, and every transfer in progress.":
    "Lage begge kontonøklene til {0} ({1}) på nytt? Det gjør {2} ugyldige, og alle overføringer som pågår.",
  "interrupted; nothing was changed": "avbrutt; ingenting er endret",
  "Invalidated: {0}.": "Ugyldige: {0}.",
  "Repeat `npx terminals send` and `npx terminals request` for these.":
    "Gjenta `npx terminals send` og `npx terminals request` for disse.",
  "{0} of {1} are regenerated, and {2} signs file links from {3}. The next rotation is possible from {4}.":
    "{0} på {1} er laget på nytt, og {2} signerer fillenker fra {3}. Neste rotasjon er mulig fra {4}.",
  "{0} of {1} is regenerated, and signs file links from {2}. The next rotation is possible from {3}.":
    "{0} for {1} er laget på nytt, og signerer fillenker fra {2}. Neste rotasjon er mulig fra {3}.",
  "Run this again later with --continue: it continues the rotation. Until then all keys in use stay valid.":
    "Kjør dette på nytt senere med --continue: da fortsetter rotasjonen. Til da er alle nøkler i bruk gyldige.",
  "{0} waits until every gateway knows the customer's next subscription key":
    "{0} venter til hver gateway kjenner kundens neste abonnementsnøkkel",
  "{0} has been sent its new keys; its old keys are still valid":
    "{0} har fått sendt de nye nøklene; de gamle er fortsatt gyldige",
  "{0} uses its new keys; its old keys are still valid":
    "{0} bruker de nye nøklene; de gamle er fortsatt gyldige",
  "{0} has new keys; its old keys are invalid": "{0} har nye nøkler; de gamle er ugyldige",
  "{0} has no rotation in progress": "{0} har ingen rotasjon som pågår",
  "{0} is not at the IoT Hub any more": "{0} finnes ikke lenger i IoT Hub",
  " (until {0})": " (til {0})",
  "; bring the credential bundle {0} to the terminal": "; ta med nøkkelpakken {0} til terminalen",
  "{0} done, {1} in progress, {2} failed": "{0} ferdig, {1} pågår, {2} mislyktes",
  "{0} is not reachable yet": "{0} kan ikke nås ennå",
  "{0} not reachable yet: {1}": "{0} kan ikke nås ennå: {1}",
  "{0}, {1} not reachable yet": "{0}, {1} kan ikke nås ennå",
  "{0} of {1} not rotated": "{0} av {1} ble ikke rotert",
  "Follow the remedy of each. {0}": "Følg rådet for hver av dem. {0}",
  "rotation in progress for {0} of {1}": "rotasjon pågår for {0} av {1}",
  "the old subscription key of {0} stays valid: {1} not seen using the next one":
    "den gamle abonnementsnøkkelen til {0} er fortsatt gyldig: {1} er ikke sett med den neste",
  "Connect them, or bring them a sealed credential bundle (--out FOLDER --recipient AGE_RECIPIENT), or revoke those that are out of service. Then run this again with --continue.":
    "Koble dem til, eller ta med en forseglet nøkkelpakke til dem (--out FOLDER --recipient AGE_RECIPIENT), eller trekk tilbake dem som er ute av drift. Kjør så dette på nytt med --continue.",
  "the IoT Hub has no terminal {0}": "IoT Hub har ingen terminal {0}",
  "No terminal has keys to rotate.": "Ingen terminal har nøkler som skal roteres.",
  "Continue the rotation of {0} in {1}?": "Fortsette rotasjonen av {0} i {1}?",
  "Replace keys ({0}) of {1} in {2}?": "Bytte nøkler ({0}) for {1} i {2}?",
  "specify TERMINAL, --customer, --older-than or --continue":
    "oppgi TERMINAL, --customer, --older-than eller --continue",
  "TERMINAL excludes --customer and --older-than": "TERMINAL utelukker --customer og --older-than",
  "--keys shared rotates a customer's subscription key: it requires --customer and excludes --older-than":
    "--keys shared roterer abonnementsnøkkelen til en kunde: det krever --customer og utelukker --older-than",
  "--file requires --out FOLDER": "--file krever --out FOLDER",
  "there is no terminal of customer {0}": "det finnes ingen terminal hos kunden {0}",
  "Skipped: {0}, because the customer's subscription key is being rotated. `npx terminals rotate --customer ID --continue` continues that rotation.":
    "Hoppet over: {0}, fordi kundens abonnementsnøkkel er under rotasjon. `npx terminals rotate --customer ID --continue` fortsetter den rotasjonen.",
  "customer {0} has no terminal that is enabled": "kunden {0} har ingen terminal som er aktiv",
  "`npx terminals list --customer {0}` shows why.": "`npx terminals list --customer {0}` viser hvorfor.",
  "reading the keys of the storage account {0}": "lesing av nøklene til lagringskontoen {0}",
  "the storage account {0} does not have two keys": "lagringskontoen {0} har ikke to nøkler",
  "regenerating {0} of the storage account {1}": "fornying av {0} for lagringskontoen {1}",
  "file links that {0} signed can be valid until {1}":
    "fillenker som {0} har signert, kan være gyldige til {1}",
  "Run this again after that time. If a key has leaked, --emergency regenerates both keys now, which ends every file link.":
    "Kjør dette på nytt etter det tidspunktet. Hvis en nøkkel er lekket, lager --emergency begge nøklene på nytt nå, og alle fillenker blir ugyldige.",
  "the storage account {0} has no {1}": "lagringskontoen {0} har ingen {1}",
};
