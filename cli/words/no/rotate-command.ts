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
};
