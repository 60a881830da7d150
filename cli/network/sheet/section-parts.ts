import type { Destination, Port } from "../endpoint-list.ts";
import type { Prose, SheetWords } from "../words/words.ts";
import { type Block, code, plain } from "./sheet.ts";

/** The paragraphs and points of a section. */
export function proseBlocks({ paragraphs, points }: Prose): Block[] {
  return [
    ...paragraphs.map((text): Block => ({ kind: "text", text })),
    ...(points.length > 0 ? [{ kind: "list", items: points } as const] : []),
  ];
}

/** The host of a row, or who answers in its place. */
export const hostText = ({ host }: Destination, words: SheetWords): string =>
  host === null ? words.ownDns : code(host);

/** Ports in their order: "TCP/UDP 5938, TCP 443". */
export function portText(ports: Port[]): string {
  const numbers = [...new Set(ports.map(({ number }) => number))];
  return numbers
    .map((number) => {
      const protocols = ports.filter((port) => port.number === number).map(({ protocol }) => protocol);
      return `${protocols.join("/").toUpperCase()} ${number}`;
    })
    .join(", ");
}

/** A region by its name in both worlds: Azure's, and the country. */
export const regionText = (region: string | null, words: SheetWords): string =>
  region === null ? "–" : (words.regions[region] ?? plain(region));

/** Rows of services that are ours, once each: the second name of the IoT Hub says the same as the first. */
export function ownServices(destinations: Destination[]): Destination[] {
  const own: Destination["service"][] = ["iot-hub", "blob-storage", "flow-api"];
  return own.flatMap((service) => destinations.find((row) => row.service === service) ?? []);
}
