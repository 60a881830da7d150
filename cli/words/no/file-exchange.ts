/** Norwegian words of file exchange, by their English text. */
export const fileExchange = {
  "the file link expired before the transfer was complete": "fillenken utløp før overføringen var ferdig",
  "Azure Storage rejected the file link: the terminal was revoked, or the signing key was rotated":
    "Azure Storage avviste fillenken: terminalen er trukket tilbake, eller signeringsnøkkelen er rotert",
  "the file does not exist in the storage account": "filen finnes ikke i lagringskontoen",
  "the received file differs from the offered size or SHA-256, also after a retry":
    "den mottatte filen har annen størrelse eller SHA-256 enn tilbudt, også etter et nytt forsøk",
  "the terminal has no file of this name": "terminalen har ingen fil med dette navnet",
  "the terminal's disk is full or cannot be written":
    "disken på terminalen er full eller kan ikke skrives til",
  "the terminal does not understand the offer": "terminalen forstår ikke tilbudet",
};
