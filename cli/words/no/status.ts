/** Norwegian words of status, by their English text. */
export const status = {
  "show the state of terminals at the IoT Hub, the Flow API and the files, and their drift":
    "vis terminalenes tilstand i IoT Hub, Flow API og filer, og avvikene deres",
  "only terminals of this customer": "bare terminaler hos denne kunden",
  "only terminals at this site": "bare terminaler på denne lokasjonen",
  "only terminals in these states": "bare terminaler i disse tilstandene",
  "check each container's stored access policy too; one call per terminal":
    "kontroller også den lagrede tilgangspolicyen til hver container; ett kall per terminal",
  "compare with the journal of this batch file": "sammenlign med journalen til denne partifilen",
  "write a page with a picture of each site": "skriv en side med et bilde av hver lokasjon",
};
