/** Norwegian words about batch files, by their English text. */
export const batchFile = {
  "terminal {0} is on line {1} too": "terminal {0} står også på linje {1}",
  "more than one million terminals, the most that an IoT Hub can have":
    "mer enn en million terminaler, det meste en IoT Hub kan ha",
  "no terminals": "ingen terminaler",
  "this is no workbook, so it has no sheets: leave --sheet out":
    "dette er ingen arbeidsbok, så den har ingen ark: utelat --sheet",
  "Only the sheet {0} is read; the workbook has {1}. `--sheet NAME` reads another one.":
    "Bare arket {0} leses; arbeidsboken har {1}. `--sheet NAME` leser et annet.",
  "no customer: give --customer ID, or a column customer (kunde)":
    "ingen kunde: oppgi --customer ID, eller en kolonne customer (kunde)",
  "the command line": "kommandolinjen",
  "line {0}": "linje {0}",
  "lines {0} to {1}": "linje {0} til {1}",
  "customer {0}, but {1} has {2}: a batch has one customer":
    "kunde {0}, men {1} har {2}: et parti har én kunde",
  "Run this again with the changed file: terminals already onboarded stay unchanged.":
    "Kjør dette på nytt med den endrede filen: terminaler som alt er registrert, forblir uendret.",
  "{0} was changed during the run, at line {1}": "{0} ble endret under kjøringen, på linje {1}",
  "{0} was changed during the run: {1}": "{0} ble endret under kjøringen: {1}",
  'no column for the terminal: name one "terminal" or "serienummer"':
    'ingen kolonne for terminalen: kall en "terminal" eller "serienummer"',
  'no column for the site: name one "site" or "lokasjon"':
    'ingen kolonne for lokasjonen: kall en "site" eller "lokasjon"',
  "a quotation mark is at a wrong place: remove it": "et anførselstegn er på feil sted: fjern det",
  "a quotation mark in the header line is at a wrong place":
    "et anførselstegn i linjen med kolonnenavn er på feil sted",
  "unknown column {0}: delete it, or name it terminal, site, customer or name":
    "ukjent kolonne {0}: slett den, eller kall den terminal, lokasjon, kunde eller navn",
  "{0} columns for the {1}: delete all but one": "{0} kolonner for {1}: slett alle unntatt én",
  "Excel seems to have changed it: format the column as Text and ask for the list again":
    "Excel ser ut til å ha endret den: formater kolonnen som tekst, og be om listen på nytt",
  "terminal {0}": "terminal {0}",
  "customer {0}": "kunde {0}",
  "site {0}": "lokasjon {0}",
  "name {0}": "navn {0}",
  "{0} is no ID. {1}": "{0} er ingen ID. {1}",
  "{0} is no name. {1}": "{0} er ikke noe navn. {1}",
  "{0} {1}; allowed are {2} to {3} characters: a-z, 0-9 and single hyphens between them":
    "{0} {1}; tillatt er {2} til {3} tegn: a-z, 0-9 og enkle bindestreker mellom dem",
  "contains {0}": "inneholder {0}",
  "contains two hyphens in a row": "inneholder to bindestreker etter hverandre",
  "starts or ends with a hyphen": "begynner eller slutter med en bindestrek",
  "has {0}": "har {0}",
  " (and {0} more)": " (og {0} til)",
  "terminal {0}{1} has {2} and others have {3}: zeros at its start may be missing. {4}":
    "terminal {0}{1} har {2} og andre har {3}: nuller i starten kan mangle. {4}",
  "One terminal ID is a number in the workbook, and a number has no zeros at its start. If zeros are missing: format the column as Text and ask for the list again.":
    "Én terminal-ID er et tall i arbeidsboken, og et tall har ingen nuller i starten. Hvis nuller mangler: formater kolonnen som tekst, og be om listen på nytt.",
  "{0} terminal IDs are numbers in the workbook, and a number has no zeros at its start. If zeros are missing: format the column as Text and ask for the list again.":
    "{0} terminal-ID-er er tall i arbeidsboken, og et tall har ingen nuller i starten. Hvis nuller mangler: formater kolonnen som tekst, og be om listen på nytt.",
  "The terminal IDs have {0} to {1} digits ({2} on line {3}). If zeros at the start are missing: format the column as Text and ask for the list again.":
    "Terminal-ID-ene har {0} til {1} siffer ({2} på linje {3}). Hvis nuller i starten mangler: formater kolonnen som tekst, og be om listen på nytt.",
  "save the list from its source as CSV UTF-8 (Comma delimited)":
    "lagre listen fra kilden som CSV UTF-8 (kommadelt)",
  "a question mark": "et spørsmålstegn",
  "{0} has {1} in place of a letter that was lost: {2}":
    "{0} har {1} i stedet for en bokstav som er gått tapt: {2}",
  "{0} looks like {1} in UTF-8 that was read as {2}: {3}":
    "{0} ser ut som {1} i UTF-8 som ble lest som {2}: {3}",
  "{0} looks like {1} in the encoding {2}: {3}": "{0} ser ut som {1} i tegnkodingen {2}: {3}",
  '"{0}" is in UTF-8 on this line, and other lines are not: save the whole list in one encoding, as CSV (UTF-8)':
    '"{0}" er i UTF-8 på denne linjen, og andre linjer er det ikke: lagre hele listen i én tegnkoding, som CSV (UTF-8)',
  "longer than {0} characters": "lengre enn {0} tegn",
  "a field that begins on this line has a line break (Alt+Enter in Excel): remove it":
    "et felt som begynner på denne linjen, har et linjeskift (Alt+Enter i Excel): fjern det",
  "the column names are not on line {0}; they seem to be on line {1}: delete {2}":
    "kolonnenavnene er ikke på linje {0}; de ser ut til å være på linje {1}: slett {2}",
  "this line has column names again: delete it": "denne linjen har kolonnenavn igjen: slett den",
  "{0}, but the header has {1}": "{0}, men linjen med kolonnenavn har {1}",
  "field {0} has a value, but its column has no name":
    "felt {0} har en verdi, men kolonnen har ikke noe navn",
  "terminal is missing": "terminal mangler",
  "site is missing": "lokasjon mangler",
  "this is neither a text file nor a workbook; save the list as .xlsx, .ods or CSV (UTF-8)":
    "dette er verken en tekstfil eller en arbeidsbok; lagre listen som .xlsx, .ods eller CSV (UTF-8)",
  "row {0} has a value beyond column {1}: delete it": "rad {0} har en verdi etter kolonne {1}: slett den",
  "the sheet has more than {0} rows: save it without the empty ones":
    "arket har mer enn {0} rader: lagre det uten de tomme",
  "the workbook is damaged: open it, and save it again":
    "arbeidsboken er skadet: åpne den, og lagre den på nytt",
  "this is an old workbook (.xls), or one with a password: save it as .xlsx without a password":
    "dette er en gammel arbeidsbok (.xls), eller en med passord: lagre den som .xlsx uten passord",
  "the workbook has no sheet with cells": "arbeidsboken har ikke noe ark med celler",
  "the workbook has no sheet {0}{1}": "arbeidsboken har ikke noe ark {0}{1}",
  "this is no workbook: save it as .xlsx, .ods or CSV":
    "dette er ingen arbeidsbok: lagre den som .xlsx, .ods eller CSV",
  "the rows of the sheet are out of order: save the workbook again":
    "radene i arket er i feil rekkefølge: lagre arbeidsboken på nytt",
  "the workbook has more than {0} files": "arbeidsboken har mer enn {0} filer",
  "the workbook is damaged: {0} is missing": "arbeidsboken er skadet: {0} mangler",
  "the workbook is too large: its {0} has more than {1} MB; copy the list into a new workbook":
    "arbeidsboken er for stor: {0} i den er på mer enn {1} MB; kopier listen til en ny arbeidsbok",
  "the workbook has a password: save it without one": "arbeidsboken har et passord: lagre den uten",
};
