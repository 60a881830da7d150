import {
  BlobClient,
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { OperatorError } from "../lib/errors.ts";
import type { Direction, Offer } from "./offers/offer.ts";

/** The longest that a file's key is valid. The account's own SAS policy does not guard these keys: this does. */
export const longestDays = 30;

const dayMs = 86_400_000;
/** Clocks of terminals may be behind: a key is valid from a little before it was made. */
const clockSkewMs = 15 * 60_000;

/** A file's URL with its own key, and when that key is valid. The URL is a secret. */
export interface FileLink {
  url: string;
  startsOn: Date;
  expiresOn: Date;
}

/**
 * Makes a file's own key: a service SAS for one blob, over https only, with no more rights than the direction
 * needs (read; or create and write), bound to the container's stored access policy so that removing the policy
 * ends it at once.
 * @param options.days How long the key is valid, from 15 minutes ago; at most, and by default, 30.
 * @throws RangeError when `days` is not above 0 and at most 30, or the name is not one that a URL can carry.
 */
export function fileLink(
  credential: StorageSharedKeyCredential,
  options: {
    /** For example https://example.blob.core.windows.net/. */
    blobEndpoint: string;
    terminal: string;
    /** The id of the container's stored access policy. */
    policy: string;
    /** The blob's name: 1 to 1,024 characters; slashes make folders, whose names are not empty, "." or "..". */
    name: string;
    direction: Direction;
    days?: number;
    now?: number;
  },
): FileLink {
  const days = options.days ?? longestDays;
  if (!(days > 0 && days <= longestDays)) {
    throw new RangeError(
      `A file's key is valid for more than 0 and at most ${longestDays} days, not ${days}.`,
    );
  }
  const segments = options.name.split("/");
  if (options.name.length > 1024 || segments.some((segment) => /^\.{0,2}$/.test(segment))) {
    throw new RangeError(`${JSON.stringify(options.name)} cannot be a file's name.`);
  }
  // Storage counts in whole seconds.
  const start = Math.floor(((options.now ?? Date.now()) - clockSkewMs) / 1000) * 1000;
  const startsOn = new Date(start);
  const expiresOn = new Date(start + Math.floor((days * dayMs) / 1000) * 1000);
  const key = generateBlobSASQueryParameters(
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
  return { url: `${options.blobEndpoint}${path}?${key}`, startsOn, expiresOn };
}

/** The name of an offer's blob. @throws OperatorError when what the twin holds is no blob's address. */
export function blobNameOf(terminal: string, { name, url }: Pick<Offer, "name" | "url">): string {
  try {
    return new BlobClient(url).name;
  } catch {
    throw new OperatorError(
      "failed",
      `the offer of ${name} in the twin of ${terminal} holds no file's address`,
    );
  }
}
