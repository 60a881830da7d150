/** Norwegian words of the command `doctor`, beside those in cli/network/doctor/, by their English text. */
export const doctorCommand = {
  "check from this computer whether a terminal's network reaches every destination":
    "kontroller fra denne maskinen om nettet til en terminal når alle destinasjoner",
  "the list of destinations, a file of `npx terminals endpoints`":
    "listen over destinasjoner, en fil fra `npx terminals endpoints`",
  "customer, for the head of the report": "kunde, til hodet på rapporten",
  "credential bundle TERMINAL.age: signs in with its keys too":
    "nøkkelpakke TERMINAL.age: logger også inn med nøklene i den",
  "file with the age identity that opens it; without it the passphrase is asked for":
    "fil med age-identiteten som åpner den; uten den blir du spurt om passordfrasen",
  "what is looked up at the Flow API with these keys": "hva som slås opp i Flow API med disse nøklene",
  "proxy to use, or none; default: the environment, then the system's":
    "proxyen som skal brukes, eller none; standard: miljøvariablene, deretter systemets",
  "URL or path of a proxy script (PAC) to use": "URL eller sti til et proxyskript (PAC) som skal brukes",
  "write the report as one page, for support": "skriv rapporten som én side, til brukerstøtten",
  "write terminal-doctor.ps1, the same check for Windows, and check nothing":
    "skriv terminal-doctor.ps1, den samme kontrollen for Windows, og kontroller ingenting",
  "{0} is ready: it checks the network of a terminal with Windows, and holds no secret.":
    "{0} er klar: det kontrollerer nettet til en terminal med Windows, og inneholder ingenting hemmelig.",
  interrupted: "avbrutt",
  "The report is {0}.": "Rapporten er {0}.",
  "specify the list of destinations: --endpoints FILE, or the deployed stack: --stack NAME or --outputs FILE":
    "oppgi listen over destinasjoner: --endpoints FILE, eller stakken: --stack NAME eller --outputs FILE",
  "{0} is of another stack: its host {1} is not on the list of destinations":
    "{0} hører til en annen stakk: verten {1} er ikke på listen over destinasjoner",
  "Give the credential bundle and the list of the same stack.":
    "Oppgi nøkkelpakken og listen til samme stakk.",
  "--identity opens the credential bundle of --hand-over, which is missing":
    "--identity åpner nøkkelpakken fra --hand-over, som mangler",
  "the proxy script {0} cannot be used: {1}": "proxyskriptet {0} kan ikke brukes: {1}",
  "Check the address of the PAC script, or name the proxy itself: --proxy http://HOST:PORT.":
    "Kontroller adressen til PAC-skriptet, eller oppgi selve proxyen: --proxy http://HOST:PORT.",
  "it is no PAC script: {0}": "det er ikke et PAC-skript: {0}",
  "FindProxyForURL failed: {0}": "FindProxyForURL feilet: {0}",
  "--proxy is not a proxy URL": "--proxy er ikke en proxy-URL",
  "Include the scheme and the port: --proxy http://proxy.example.com:8080, or --proxy none.":
    "Ta med skjema og port: --proxy http://proxy.example.com:8080, eller --proxy none.",
};
