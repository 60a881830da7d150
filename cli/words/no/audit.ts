/** Norwegian words of audit, by their English text. */
export const audit = {
  "show who changed what, when, why and with which result":
    "vis hvem som har endret hva, når, hvorfor og med hvilket resultat",
  "only changes for this customer": "bare endringer for denne kunden",
  "only changes of this terminal": "bare endringer av denne terminalen",
  "only changes since this day, for example 2025-11-01":
    "bare endringer siden denne dagen, for eksempel 2025-11-01",
  "verify the hash chain of the audit log, from the oldest to the newest record":
    "kontroller revisjonsloggens hashkjede, fra den eldste til den nyeste oppføringen",
  "head that an earlier verification printed; verify that the chain still contains it":
    "hode som en tidligere kontroll skrev ut; kontroller at kjeden fortsatt inneholder det",
  "No recorded change matches.": "Ingen registrert endring passer.",
  '"no outcome": the change is in progress or was interrupted, or its outcome is still on the computer that ran it. The next changing command there adds it.':
    "«uten utfall»: endringen pågår eller ble avbrutt, eller utfallet er fortsatt på maskinen som kjørte den. Neste endrende kommando der legger det til.",
  "--since {0} must be a day such as 2025-11-01, or a time in ISO 8601":
    "--since {0} må være en dag som 2025-11-01, eller et tidspunkt i ISO 8601",
  "file {0}": "fil {0}",
  "site {0}": "lokasjon {0}",
  "keys {0}": "nøkler {0}",
  "renewed {0}": "fornyet {0}",
  "deletion possible from {0}": "kan slettes fra {0}",
  "marked for deletion": "merket for sletting",
  deleted: "slettet",
  "{0} done, {1} failed": "{0} ferdig, {1} mislyktes",
  "{0} done": "{0} ferdig",
  "no outcome for: {0}": "uten utfall for: {0}",
  "no outcome": "uten utfall",
  "application {0}": "programmet {0}",
  records: "oppføringer",
  "{0} in {1}": "{0} i {1}",
  from: "fra",
  "{0}, number {1}": "{0}, nummer {1}",
  to: "til",
  head: "hode",
  "the container has a blob that is not part of the log: {0}":
    "containeren har en blob som ikke er en del av loggen: {0}",
  "the record {0} is not in the audit log": "oppføringen {0} finnes ikke i revisjonsloggen",
  "Either records at the end of the log are missing, or this is another log, or the record was deleted at the end of its retention period.":
    "Enten mangler oppføringer på slutten av loggen, eller dette er en annen logg, eller oppføringen ble slettet da lagringstiden var ute.",
  "Older records were deleted at the end of their retention period.":
    "Eldre oppføringer er slettet fordi lagringstiden var ute.",
  "The chain is complete. Keep the head: `npx terminals audit verify --head HASH` can verify later that no record after it is missing.":
    "Kjeden er komplett. Ta vare på hodet: `npx terminals audit verify --head HASH` kan senere kontrollere at ingen oppføring etter det mangler.",
  "The audit log has no record yet.": "Revisjonsloggen har ingen oppføring ennå.",
  "writing to the audit log": "skriving til revisjonsloggen",
  "{0} is damaged. It holds records for the audit log and was not deleted.":
    "{0} er skadet. Den har oppføringer for revisjonsloggen og er ikke slettet.",
  "{0}. The record could not be stored on this computer either: {1}":
    "{0}. Oppføringen kunne heller ikke lagres på denne maskinen: {1}",
  "{0}. The record is stored in {1}, and the next changing command adds it to the log.":
    "{0}. Oppføringen er lagret i {1}, og neste endrende kommando legger den til i loggen.",
  "nothing was changed, because the change cannot be recorded: ":
    "ingenting er endret, fordi endringen ikke kan registreres: ",
  "is not a valid record": "er ikke en gyldig oppføring",
  "is the first line but does not open the blob": "er den første linjen, men åpner ikke bloben",
  "opens the blob a second time": "åpner bloben for andre gang",
  "opens another blob, {0}": "åpner en annen blob, {0}",
  "has the sequence number {0}, expected {1}": "har sekvensnummer {0}, ventet {1}",
  "does not contain the SHA-256 of the record before it": "inneholder ikke SHA-256 av oppføringen før den",
  "reading the audit log": "lesing av revisjonsloggen",
  "reading {0} of the audit log": "lesing av {0} i revisjonsloggen",
  "the hash chain of the audit log is broken: line {0} of {1} {2}":
    "hashkjeden i revisjonsloggen er brutt: linje {0} i {1} {2}",
  "The records before that line are as they were written. Ask the owner of the subscription which accounts had more rights to the audit log than reading and adding. The storage account's logs name who wrote.":
    "Oppføringene før den linjen er slik de ble skrevet. Spør eieren av abonnementet hvilke kontoer som har hatt større rettigheter til revisjonsloggen enn å lese og legge til. Loggene til lagringskontoen viser hvem som skrev.",
  "the audit log": "revisjonsloggen",
  "reading and adding blobs (blobs/read, blobs/add/action)":
    "å lese og legge til blober (blobs/read, blobs/add/action)",
  "a file of pending audit records": "en fil med ventende oppføringer",
  "must be 64 hexadecimal digits": "må være 64 heksadesimale sifre",
};
