/** Norwegian words of other commands, by their English text. */
export const otherCommands = {
  "run the reference terminal, one for each credential bundle, until Ctrl-C":
    "kjør referanseterminalen, én for hver nøkkelpakke, til Ctrl-C",
  "credential bundles TERMINAL.age, or folders that contain them":
    "nøkkelpakker TERMINAL.age, eller mapper som inneholder dem",
  "file with the age identity that opens them; without it the passphrase is asked for":
    "fil med age-identiteten som åpner dem; uten den blir du spurt om passordfrasen",
  "start only this number of terminals": "start bare så mange terminaler",
  "folder for the terminals' files": "mappe for terminalenes filer",
  "list of destinations, as `npx terminals endpoints` writes it; with it, the terminals offer the doctor's report":
    "liste over destinasjoner, slik `npx terminals endpoints` skriver den; med den tilbyr terminalene doktorrapporten",
  "what each terminal looks up at the Flow API, for example v1/employees/1001":
    "hva hver terminal slår opp i Flow API, for eksempel v1/employees/1001",
  "interval of the lookups; 0 for one lookup": "tid mellom oppslagene; 0 for ett oppslag",
  "stop after this time": "stopp etter denne tiden",
  "write one JSON object per line, for programs": "skriv ett JSON-objekt per linje, for programmer",
  "list every destination that terminals connect to, for firewalls (endpoints.json)":
    "vis alle adresser som terminalene kobler seg til, for brannmurer (endpoints.json)",
  "customer whom the list is made for": "kunden som listen er for",
  "file for the list; default standard output": "fil for listen; standard er standard ut",
  "also show what changed since this older list": "vis også hva som er endret siden denne eldre listen",
  "write the script that lets a shell complete these commands":
    "skriv skriptet som lar et skall fullføre disse kommandoene",
  "bash, zsh, fish or powershell": "bash, zsh, fish eller powershell",
  "no credential bundle (TERMINAL.age) in {0}": "ingen nøkkelpakke (TERMINAL.age) i {0}",
  "--count is {0}, and {1} has {2}": "--count er {0}, og {1} har {2}",
  "{0} of {1} connected. Ctrl-C stops them.": "{0} av {1} er tilkoblet. Ctrl-C stopper dem.",
  "no terminal reached the IoT Hub": "ingen terminal nådde IoT Hub",
  "{0} downloaded, {1} uploaded, {2} failed; {3}, {4} rejected":
    "{0} lastet ned, {1} lastet opp, {2} mislyktes; {3}, {4} avvist",
  "The list of {0} destinations is {1}.": "Listen over {0} adresser er {1}.",
  "Nothing has changed since the list of {0}.": "Ingenting er endret siden listen fra {0}.",
  "no completion script for the shell {0}": "ikke noe fullføringsskript for skallet {0}",
  "Supported shells: {0}.": "Støttede skall: {0}.",
  "show the options and examples": "vis valg og eksempler",
};
