import { stringify } from "csv-stringify/sync";
import { byteOrderMark } from "../../terminal-ui/csv.ts";
import type { EndpointList } from "../endpoint-list.ts";
import type { RuleText } from "./rule-format.ts";

const columns = [
  "id",
  "service",
  "host",
  "protocol",
  "port",
  "order",
  "transport",
  "direction",
  "region",
  "requirement",
  "availability",
  "tlsInspection",
  "purpose",
  "since",
  "source",
];

/** The rows as CSV, one line for each port. The names of columns and values are those of `endpoints.json`. */
export function renderCsv(list: EndpointList, language: "en" | "no"): string {
  return `${byteOrderMark}${formatRows(list, language, columns).join("\r\n")}\r\n`;
}

/** Columns of the text in the sheet. The file has all. */
const shortColumns = ["host", "protocol", "port", "order", "requirement", "availability", "tlsInspection"];

function formatRows({ destinations }: EndpointList, language: "en" | "no", shown: string[]): string[] {
  // Excel in Norwegian separates by semicolons. The byte order mark makes it read UTF-8.
  const separator = language === "no" ? ";" : ",";
  const lines = destinations.flatMap((row) =>
    row.ports.map(({ protocol, number }, index) => [
      row.id,
      row.service,
      row.host ?? "",
      protocol,
      String(number),
      String(index + 1),
      row.transport,
      row.direction,
      row.region ?? "",
      row.requirement,
      row.availability,
      row.tlsInspection,
      row.purpose[language],
      row.since,
      row.source,
    ]),
  );
  const indexes = shown.map((name) => columns.indexOf(name));
  return [columns, ...lines].map((cells) =>
    stringify([indexes.map((index) => cells[index] ?? "")], {
      delimiter: separator,
      quoted_match: /[",;\r\n]/,
      eof: false,
    }),
  );
}

export function csvRules(list: EndpointList, language: "en" | "no"): RuleText {
  return {
    id: "csv",
    name: "CSV",
    fileName: "terminal-destinations.csv",
    text: formatRows(list, language, shortColumns).join("\n"),
    note: {
      en: "One line for each port, for tools of your own. The file also has purpose, region and source of each row. `order` is the order in which the terminal tries the ports.",
      no: "En linje for hver port, til egne verktøy. Filen har også formål, region og kilde for hver rad. `order` er rekkefølgen terminalen prøver portene i.",
    },
    triedWith: {
      en: "the CSV reader of this product (csv-parse), which reads every line back as it is in the list.",
      no: "CSV-leseren i dette produktet (csv-parse), som leser hver linje tilbake slik den står i listen.",
    },
    checked: { en: "", no: "" },
    source: "https://www.rfc-editor.org/rfc/rfc4180",
  };
}
