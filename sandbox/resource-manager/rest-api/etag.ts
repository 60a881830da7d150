import { createHash } from "node:crypto";
import { ArmError } from "../arm-error.ts";
import type { Resource } from "../resources.ts";

/** A version of a resource: it changes whenever anything in it does. */
export function etag(resource: Resource): string {
  return `"${createHash("sha256").update(JSON.stringify(resource)).digest("base64url").slice(0, 16)}"`;
}

/** @throws ArmError PreconditionFailed (412) when an If-Match header names another version. */
export function checkEtag(given: string, resource: Resource): void {
  if (given === "*" || given === etag(resource)) return;
  throw new ArmError(412, "PreconditionFailed", "Resource was modified since last retrieval.");
}
