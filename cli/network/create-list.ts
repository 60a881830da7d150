import type { Destination, EndpointList } from "./endpoint-list.ts";
import { type AzureFacts, createAzureRows } from "./rows/azure-rows.ts";
import { createCertificateRows } from "./rows/certificate-rows.ts";
import { createNetworkRows } from "./rows/network-rows.ts";
import { createTeamviewerRows } from "./rows/teamviewer-rows.ts";

/** What the list is made from. */
export interface ListInput extends AzureFacts {
  environment: string;
  /** Who answers the customer's IT people. */
  supportContact?: EndpointList["support"];
  /** Customer ID. Default: the list is that of the stack. */
  customer?: string;
  /** Milliseconds since 1970. */
  now: number;
  /** An older list. Its rows keep their first day; a new host gets today's. */
  since?: EndpointList;
}

/** Makes the list of every destination that a terminal connects to. */
export function createEndpointList(input: ListInput): EndpointList {
  const { environment, customer, now, since, supportContact: support } = input;
  const createdAt = new Date(now).toISOString();
  const rows = [
    ...createAzureRows(input),
    ...createNetworkRows(),
    ...createCertificateRows(),
    ...createTeamviewerRows(),
  ];
  const destinations = since ? rows.map((row) => ({ ...row, since: firstDay(row, since, createdAt) })) : rows;
  return { version: 1, environment, customer, createdAt, support, destinations };
}

/** The first day of a row: that of the older list for the same host, else today. */
function firstDay({ id, host }: Destination, older: EndpointList, createdAt: string): string {
  const before = older.destinations.find((one) => one.id === id && one.host === host);
  return before?.since ?? createdAt.slice(0, 10);
}
