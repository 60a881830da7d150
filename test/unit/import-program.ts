import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../support/project-root.ts";

type Program = typeof import("../../index.ts");

const address = pathToFileURL(join(projectRoot, "index.ts")).href;
let imports = 0;

/** Runs index.ts again at each call: Node loads a module once for each address. */
export function importProgram(): Promise<Program> {
  return import(`${address}?import=${++imports}`);
}
