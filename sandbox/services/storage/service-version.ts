import type { IncomingMessage } from "node:http";

/** Versions are dates. A version appears in previews of the SDKs some months before its date. */
const leadMs = 183 * 24 * 3600 * 1000;
/** The first version with the parameter sv. Source: "Versioning for Azure Storage". */
const firstVersion = "2009-07-17";

/**
 * Whether a text can be a version of the storage services: a date, and not one that is far in the future.
 * @param now Milliseconds since 1970.
 */
export function isServiceVersion(text: string, now: number): boolean {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (!date || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)) return false;
  return text >= firstVersion && date.getTime() <= Math.max(now, Date.now()) + leadMs;
}

/**
 * The version of the storage services that a request asks for, which the answer repeats. Source: "Versioning for Azure
 * Storage": the header x-ms-version, or else the version of the SAS.
 */
export function askedVersion({ headers, url = "" }: IncomingMessage): string | undefined {
  const inSas = /[?&]sv=(\d{4}-\d\d-\d\d)(?:&|$)/.exec(url)?.[1];
  return headers["x-ms-version"]?.toString() ?? inSas;
}
