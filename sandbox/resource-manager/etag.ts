import { createHash } from "node:crypto";
import { ArmError } from "./arm-error.ts";
import type { Resource } from "./resources.ts";

/** The ETag of a stored resource, for a header. It changes with every change of the resource. */
export function etag(resource: Resource): string {
  return `"${createHash("sha256").update(JSON.stringify(resource)).digest("base64url").slice(0, 16)}"`;
}

/** The member `etag` of a resource. Azure Storage has quotation marks in it, the other services have none. */
export function etagMember(resource: Resource): string {
  return resource.type.startsWith("Microsoft.Storage/") ? etag(resource) : etag(resource).replaceAll('"', "");
}

/** @throws ArmError PreconditionFailed (412) when an If-Match header does not match the resource's ETag. */
export function checkEtag(ifMatch: string, resource: Resource | undefined): void {
  const listed = ifMatch.split(",").map((each) => each.trim().replace(/^W\//, "").replaceAll('"', ""));
  if (resource && (listed.includes("*") || listed.includes(etag(resource).replaceAll('"', "")))) return;
  throw new ArmError(412, "PreconditionFailed", "Resource was modified since last retrieval.");
}

/** @throws ArmError PreconditionFailed (412) when an If-None-Match header matches the resource's ETag. */
export function checkNoEtag(ifNoneMatch: string, resource: Resource | undefined): void {
  if (!resource) return;
  try {
    checkEtag(ifNoneMatch, resource);
  } catch {
    return;
  }
  throw new ArmError(412, "PreconditionFailed", "The resource already exists.");
}
