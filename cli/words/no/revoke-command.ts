/** Norwegian words of revoke command, by their English text. */
export const revokeCommand = {
  "close all access paths of terminals (IoT Hub, files, Flow API) and verify that they are closed":
    "steng alle tilgangsveiene til terminaler (IoT Hub, filer, Flow API), og kontroller at de er stengt",
  "reason, stored with the device identity": "grunn, lagres med enhetsidentiteten",
  "all terminals of this customer; with TERMINAL: its customer, if the IoT Hub no longer has it":
    "alle terminaler hos denne kunden; med TERMINAL: kunden den hører til, hvis IoT Hub ikke lenger har den",
  "all terminals at this site of one customer": "alle terminaler på denne lokasjonen hos én kunde",
  "with --site: at the sites of this name of all customers":
    "med --site: på lokasjonene med dette navnet hos alle kunder",
  "with --site: only this name, although the name of another site looks like it":
    "med --site: bare dette navnet, selv om navnet på en annen lokasjon ligner",
  "only one file that was offered to TERMINAL": "bare én fil som er tilbudt TERMINAL",
  "maximum wait for the IoT Hub to close an open connection":
    "lengste ventetid på at IoT Hub lukker en åpen forbindelse",
};
