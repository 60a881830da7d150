import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

/**
 * Remembers the files of the checkout that Git does not track, ignored ones included and node_modules left out.
 * @returns A function that names the files that were created, changed or deleted since. Without Git it names none.
 */
export function watchCheckout(root = projectRoot): () => string[] {
  const before = untrackedFiles(root);
  return () => {
    const after = untrackedFiles(root);
    const files = [...new Set([...before.keys(), ...after.keys()])];
    return files.filter((file) => before.get(file) !== after.get(file)).sort();
  };
}

/** Size and time of the last change, by path. */
function untrackedFiles(root: string): Map<string, string> {
  const args = ["ls-files", "--others", "-z", "--exclude=node_modules"];
  let listed: string;
  try {
    listed = execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return new Map();
  }
  const files = listed.split("\0").filter((file) => file !== "");
  return new Map(
    files.map((file) => {
      const stats = statSync(join(root, file), { throwIfNoEntry: false });
      return [file, `${stats?.size} ${stats?.mtimeMs}`];
    }),
  );
}
