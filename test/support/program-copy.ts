import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

/** A change of one file of the program. */
export interface Change {
  /** Path from the project's folder. */
  file: string;
  /** The file must contain this text exactly once, so that a test does not become outdated unnoticed. */
  from: string;
  to: string;
}

const files = ["index.ts", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"];
const folders = ["settings", "components", "policies", "cli", "reference-terminal", "sandbox", "tools"];

/** Copies the program, its policy pack and its tools to a folder, changes the copy, and returns the folder. */
export function copyProgram(folder: string, ...changes: Change[]): string {
  for (const part of [...files, ...folders]) {
    cpSync(join(projectRoot, part), join(folder, part), {
      recursive: true,
      // The compile cache of the policy pack is of no use in another folder.
      filter: (path) => !path.endsWith(".cache"),
    });
  }
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"), "junction");
  changeFiles(folder, ...changes);
  return folder;
}

/** Changes files of a copy. Each must contain its text exactly once. */
export function changeFiles(folder: string, ...changes: Change[]): void {
  for (const { file, from, to } of changes) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`${file} contains this text ${found} times instead of once: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
}

/** Restores the files of a copy that {@link changeFiles} changed. */
export function restoreFiles(folder: string, ...changes: Change[]): void {
  for (const { file } of changes) cpSync(join(projectRoot, file), join(folder, file));
}
