import leven from "leven";
import { type Document, isMap, isNode, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { describeProblem } from "../core/schema-problem.ts";
import { type Seed, seedSchema } from "./seed-schema.ts";

/** The path of a value in a seed file, for example ["hubs", 0, "name"]. */
export type SeedPath = readonly (string | number)[];

/** A seed file that was read, and where its values are. */
export interface ReadSeed {
  seed: Seed;
  /** "seed.yaml, line 3" for the value at a path. */
  place(path: SeedPath): string;
}

/** A seed file has problems. The message has a line for each, with its place and the remedy. */
export class SeedError extends Error {}

/**
 * Reads a seed file: YAML or JSON.
 * @param file Its name, for messages.
 * @throws SeedError
 */
export function readSeed(text: string, file: string): ReadSeed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${file}, line ${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new SeedError(
      document.errors.map(({ pos, message }) => `${at(pos[0])}: not valid YAML: ${message}`).join("\n"),
    );
  }
  const place = (path: SeedPath) => at(nodeAt(document, path)?.range?.[0] ?? 0);
  const result = seedSchema.safeParse(document.toJS() ?? {});
  if (result.success) return { seed: result.data, place };
  const problems = result.error.issues.flatMap((issue) => describe(issue, document, place, at));
  throw new SeedError(problems.join("\n"));
}

/** A path as people write it: hubs[0].devices[1].status */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}

/** The node at a path, or at the nearest one above it. */
function nodeAt(document: Document, path: SeedPath): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return undefined;
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document,
  place: (path: SeedPath) => string,
  at: (offset: number) => string,
): string[] {
  const path = issue.path as SeedPath;
  if (issue.code === "unrecognized_keys") {
    const node = nodeAt(document, path);
    const known = membersAt(path);
    return issue.keys.map((key) => {
      const pair = isMap(node) ? node.items.find((item) => String(item.key) === key) : undefined;
      const where = isNode(pair?.key) ? at(pair.key.range?.[0] ?? 0) : place(path);
      const name = pathText([...path, key]);
      const meant = known.filter((each) => leven(key.toLowerCase(), each.toLowerCase()) <= 2);
      const question = meant.length > 0 ? ` Did you mean ${meant.join(" or ")}?` : "";
      return `${where}: ${name} does not exist.${question} Remove it, or use one of: ${known.join(", ")}.`;
    });
  }
  const name = path.length === 0 ? "The file" : pathText(path);
  if (document.getIn(path) === undefined) return [`${place(path)}: ${name} is missing. Add it.`];
  return [`${place(path)}: ${describeProblem(name, issue)}. Change it.`];
}

/** The members that the schema knows for the object at a path. */
function membersAt(path: SeedPath): string[] {
  let schema = seedSchema as unknown as SchemaPart;
  for (const part of path) {
    schema = unwrap(schema);
    schema = (typeof part === "number" ? schema.element : schema.shape?.[part]) ?? schema;
  }
  return Object.keys(unwrap(schema).shape ?? {});
}

interface SchemaPart {
  shape?: Record<string, SchemaPart>;
  element?: SchemaPart;
  def: { innerType?: SchemaPart };
}

function unwrap(schema: SchemaPart): SchemaPart {
  return schema.def.innerType ? unwrap(schema.def.innerType) : schema;
}
