import {
  BlobClient,
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  type SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { AccountKey } from "../signing-keys/signing-key-schedule.ts";
import type { OfferStatus } from "./offers/offer-status.ts";

/** The account whose keys sign file links. */
export interface LinkSigner {
  /** Name of the storage account. */
  account: string;
  /** Both keys as they are now. */
  keys: readonly AccountKey[];
}

/**
 * Whether a file link is invalid because the account key that signed it was renewed: neither key of the account gives its
 * signature. No call is made.
 * @returns False also for a URL that is not a file link of `fileLink`: nothing is known about it.
 */
export function isSignedByFormerKey(url: string, { account, keys }: LinkSigner): boolean {
  const values = URL.parse(url)?.searchParams;
  const signature = values?.get("sig");
  if (!values || !signature) return false;
  try {
    return !keys.some(
      ({ value }) => signatureWith(url, values, new StorageSharedKeyCredential(account, value)) === signature,
    );
  } catch {
    return false;
  }
}

/** Whether a waiting offer's file link is invalid because the account key that signed it was renewed. */
export function hasDeadLink(
  { state, offer }: Pick<OfferStatus, "state" | "offer">,
  signer: LinkSigner,
): boolean {
  return state === "waiting" && isSignedByFormerKey(offer.url, signer);
}

/** The signature that a key gives to the link's own values. */
function signatureWith(
  url: string,
  values: URLSearchParams,
  credential: StorageSharedKeyCredential,
): string | undefined {
  const { containerName, name } = new BlobClient(url);
  const required = (key: string) => values.get(key) ?? fail(key);
  const sas = generateBlobSASQueryParameters(
    {
      containerName,
      blobName: name,
      identifier: required("si"),
      permissions: BlobSASPermissions.parse(required("sp")),
      protocol: required("spr") as SASProtocol,
      startsOn: new Date(required("st")),
      expiresOn: new Date(required("se")),
      version: required("sv"),
    },
    credential,
  );
  return sas.signature;
}

function fail(name: string): never {
  throw new RangeError(`the link has no ${name}`);
}
