import type { Destination, RootCertificate } from "../endpoint-list.ts";
import type { SheetWords } from "../words/words.ts";
import { ownServices, portText, proseBlocks, regionText } from "./section-parts.ts";
import { code, plain, type Section, type SheetInput, type TableRow } from "./sheet.ts";

/*
 * Sections whose tables are rows of the list.
 */

export function createOverview(words: SheetWords): Section {
  const { overview } = words;
  return { id: "overview", title: overview.title, blocks: [...proseBlocks(overview), { kind: "picture" }] };
}

export function createDestinationSection({ list, language }: SheetInput, words: SheetWords): Section {
  const { columns } = words;
  const rows = groupByService(list.destinations).flatMap(([service, own]): TableRow[] => [
    { heading: words.services[service] },
    ...mergeEqual(own, ({ host, id, probePath, ...rest }) => rest).map(({ hosts, row }) => ({
      cells: [
        hostsText(hosts, words) + (row.availability === "soon" ? ` **(${words.soon})**` : ""),
        portText(row.ports),
        words.transports[row.transport],
        regionText(row.region, words),
        words[row.requirement],
        row.purpose[language],
        row.since,
      ],
    })),
  ]);
  return {
    id: "destinations",
    title: words.destinations.title,
    blocks: [
      ...proseBlocks(words.destinations),
      {
        kind: "table",
        caption: words.destinations.title,
        columns: [
          columns.host,
          columns.port,
          columns.transport,
          columns.region,
          columns.requirement,
          columns.purpose,
          columns.since,
        ],
        rows,
        widths: [24, 9, 12, 12, 9, 22, 12],
      },
    ],
  };
}

export function createEncryptionSection({ list }: SheetInput, words: SheetWords): Section {
  const { encryption, columns } = words;
  const own = ownServices(list.destinations);
  const roots = new Map<string, RootCertificate>(
    own.flatMap((row) => row.roots.map((root) => [root.sha256, root])),
  );
  return {
    id: "encryption",
    title: encryption.title,
    blocks: [
      ...proseBlocks(encryption),
      {
        kind: "table",
        caption: encryption.title,
        columns: [columns.service, columns.encryption, columns.roots],
        rows: own.map((row) => ({
          cells: [
            words.services[row.service],
            row.minimumTls === null ? encryption.noTls : encryption.atLeast(row.minimumTls),
            row.roots.map(({ name }) => name).join(", "),
          ],
        })),
        widths: [24, 22, 54],
      },
      {
        kind: "table",
        caption: encryption.rootsCaption,
        columns: [columns.root, columns.thumbprint],
        rows: [...roots.values()].map(({ name, thumbprint, sha256 }) => ({
          cells: [name, `${code(thumbprint)} ${code(sha256)}`],
        })),
        widths: [32, 68],
      },
    ],
  };
}

export function createKeySection({ list, language }: SheetInput, words: SheetWords): Section {
  const { columns } = words;
  return {
    id: "keys",
    title: words.keys.title,
    blocks: [
      ...proseBlocks(words.keys),
      {
        kind: "table",
        caption: words.keys.title,
        columns: [columns.service, columns.key, columns.revocation],
        rows: keyed(list.destinations).map(({ service, protection, revocation }) => ({
          cells: [
            words.services[service],
            protection?.[language] ?? words.none,
            revocation?.[language] ?? words.none,
          ],
        })),
        widths: [20, 40, 40],
      },
    ],
  };
}

export function createDataSection({ list, language }: SheetInput, words: SheetWords): Section {
  const { columns } = words;
  return {
    id: "personal-data",
    title: words.personalData.title,
    blocks: [
      ...proseBlocks(words.personalData),
      {
        kind: "table",
        caption: words.personalData.title,
        columns: [columns.service, columns.data, columns.location],
        rows: keyed(list.destinations).map(({ service, personalData, dataLocation }) => ({
          cells: [
            words.services[service],
            personalData?.[language] ?? words.none,
            dataLocation?.[language] ?? words.none,
          ],
        })),
        widths: [20, 35, 45],
      },
    ],
  };
}

/** One row for each service that has a key or stores data. */
function keyed(destinations: Destination[]): Destination[] {
  return groupByService(destinations).flatMap(
    ([, rows]) =>
      rows.find(({ protection, dataLocation }) => protection !== null || dataLocation !== null) ?? [],
  );
}

function groupByService(destinations: Destination[]): [Destination["service"], Destination[]][] {
  return [...Map.groupBy(destinations, ({ service }) => service)];
}

/** Rows by what a proxy may do with them. */
export function createInspectionRows({ list, language }: SheetInput, words: SheetWords): TableRow[] {
  return groupByService(list.destinations).flatMap(([service, rows]): TableRow[] => [
    { heading: words.services[service] },
    ...mergeEqual(rows, (row) => [row.tlsInspection, row.tlsInspectionReason.en]).map(({ hosts, row }) => ({
      cells: [
        hostsText(hosts, words),
        words.inspection[row.tlsInspection],
        plain(row.tlsInspectionReason[language]),
      ],
    })),
  ]);
}

const hostsText = (hosts: Destination["host"][], words: SheetWords): string =>
  hosts.map((host) => (host === null ? words.ownDns : code(host))).join(", ");

/** Rows that say the same, as one row with several hosts. */
function mergeEqual(
  rows: Destination[],
  whatTheySay: (row: Destination) => unknown,
): { hosts: Destination["host"][]; row: Destination }[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(whatTheySay(row)));
  return [...groups.values()].map((same) => ({
    hosts: same.map(({ host }) => host),
    row: same[0] as Destination,
  }));
}
