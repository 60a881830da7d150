/**
 * What an input does in the sandbox: the file, below sandbox/, that acts on it or refuses whatever it would change; or
 * why it may do nothing.
 */
export type Effect = { actedOnIn: string } | { inert: string };

/** The effects of a type's inputs by their paths in the SDK's names, such as sku.name or logs.category. */
export type Effects = Record<string, Effect>;

/** Inputs that a file acts on, each named to its last part. */
export function actedOnIn(file: string, ...paths: string[]): Effects {
  return Object.fromEntries(paths.map((path) => [path, { actedOnIn: file }]));
}

/** Inputs that change nothing here, with the reason; a path stands for everything below it. */
export function inert(reason: string, ...paths: string[]): Effects {
  return Object.fromEntries(paths.map((path) => [path, { inert: reason }]));
}

/** What nearly every type has. */
export const location = actedOnIn("resource-manager/resource-manager.ts", "location");
export const tags = inert("labels that Azure keeps and shows, and acts on no more than this does", "tags");
export const identity = actedOnIn("resource-manager/managed-identity.ts", "identity.type");
