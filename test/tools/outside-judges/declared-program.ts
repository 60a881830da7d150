import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredResource, DeclaredResources } from "../../../tools/export-arm/declared-resources.ts";
import { exportDeclared } from "../../../tools/export-arm/deploy-to-export.ts";
import { waitForLock } from "../../../tools/file-lock/file-lock.ts";
import { projectRoot } from "../../support/project-root.ts";
import { runFolder } from "../../support/run-folder.ts";

/** Limit for another test file that deploys both stacks at the same time. */
const deployMs = 300_000;

/** The declared resources of dev and prod, deployed once in a test run. */
export async function declaredProgram(): Promise<Map<string, DeclaredResources>> {
  const file = join(runFolder(), "declared-program.json");
  const release = await waitForLock(`${file}.lock`, { waitMs: deployMs });
  try {
    if (!existsSync(file)) {
      const declared = await exportDeclared({ root: projectRoot, stacks: ["dev", "prod"] });
      writeFileSync(`${file}.unfinished`, JSON.stringify([...declared]));
      renameSync(`${file}.unfinished`, file);
    }
  } finally {
    release();
  }
  return new Map(JSON.parse(readFileSync(file, "utf8")) as [string, DeclaredResources][]);
}

/** A copy of the resources in which one of them is changed. */
export function withChange(
  declared: DeclaredResources,
  logicalName: string,
  change: (resource: DeclaredResource) => void,
): DeclaredResources {
  const resources = structuredClone(declared.resources);
  const resource = resources.find((each) => each.logicalName === logicalName);
  if (!resource) throw new Error(`The program has no resource ${logicalName}.`);
  change(resource);
  return { ...declared, resources };
}
