import { createHash } from "node:crypto";
import { ArmError } from "../arm-error.ts";
import type { Resource } from "../resources.ts";

/** The ETag of a resource. It changes with every change of the resource. */
export function etag(resource: Resource): string {
  return `"${createHash("sha256").update(JSON.stringify(resource)).digest("base64url").slice(0, 16)}"`;
}

/** @throws ArmError PreconditionFailed (412) when an If-Match header does not match the resource's ETag. */
export function checkEtag(ifMatch: string, resource: Resource): void {
  if (ifMatch === "*" || ifMatch === etag(resource)) return;
  throw new ArmError(412, "PreconditionFailed", "Resource was modified since last retrieval.");
}
