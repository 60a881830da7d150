import {
  BlobClient,
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { maxLinkDays } from "./link-validity.ts";
import type { Direction, Offer } from "./offers/offer.ts";

const dayMs = 86_400_000;
/** Milliseconds before its creation from which on a link is valid, since the clock of a terminal may be slow. */
export const clockSkewMs = 15 * 60_000;

/** A blob's URL with a service SAS. The URL is a secret. */
export interface FileLink {
  url: string;
  startsOn: Date;
  expiresOn: Date;
}

/**
 * Creates a file link: the URL of one blob with a service SAS. The SAS is for https only, allows what the direction
 * needs (read, or create and write), and names the container's stored access policy, so that deleting the policy
 * invalidates it at once.
 * @param options.days How long the link is valid, counted from 15 minutes ago; at most 30, the default.
 * @throws RangeError when `days` is not above 0 and at most 30, or `name` cannot be part of a URL.
 */
export function fileLink(
  credential: StorageSharedKeyCredential,
  options: {
    /** For example https://example.blob.core.windows.net/. */
    blobEndpoint: string;
    terminal: string;
    /** ID of the container's stored access policy. */
    policy: string;
    /** Name of the blob: 1 to 1,024 characters. Between its slashes no part is empty, "." or "..". */
    name: string;
    direction: Direction;
    days?: number;
    now?: number;
  },
): FileLink {
  const days = options.days ?? maxLinkDays;
  if (!(days > 0 && days <= maxLinkDays)) {
    throw new RangeError(
      `A file link is valid for more than 0 and at most ${maxLinkDays} days; ${days} is not allowed.`,
    );
  }
  const segments = options.name.split("/");
  if (options.name.length > 1024 || segments.some((segment) => /^\.{0,2}$/.test(segment))) {
    throw new RangeError(`${JSON.stringify(options.name)} is not a valid blob name.`);
  }
  // Azure Storage counts in whole seconds.
  const start = Math.floor(((options.now ?? Date.now()) - clockSkewMs) / 1000) * 1000;
  const startsOn = new Date(start);
  const expiresOn = new Date(start + Math.floor((days * dayMs) / 1000) * 1000);
  const sas = generateBlobSASQueryParameters(
    {
      containerName: options.terminal,
      blobName: options.name,
      identifier: options.policy,
      permissions: BlobSASPermissions.parse(options.direction === "download" ? "r" : "cw"),
      protocol: SASProtocol.Https,
      startsOn,
      expiresOn,
    },
    credential,
  );
  const path = [options.terminal, ...segments].map(encodeURIComponent).join("/");
  return { url: `${options.blobEndpoint}${path}?${sas}`, startsOn, expiresOn };
}

/**
 * The blob name in an offer's URL.
 * @throws OperatorError when the offer in the device twin holds no blob URL.
 */
export function blobNameOf(terminal: string, { name, url }: Pick<Offer, "name" | "url">): string {
  try {
    return new BlobClient(url).name;
  } catch {
    throw new OperatorError(
      "failed",
      t`the offer of ${name} in the device twin of ${terminal} holds no valid blob URL`,
    );
  }
}
