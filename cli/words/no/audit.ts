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
};
