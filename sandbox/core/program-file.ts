import { extname, join } from "node:path";

/**
 * Path of a source file of the sandbox, for a process that runs it: TypeScript in the repository, JavaScript in the
 * package. The package's bundle for tests contains this module too, one folder below the sandbox's as here.
 * @param name Path from the sandbox's folder, without extension, for example daemon/daemon.
 */
export function programFile(name: string): string {
  const extension = extname(import.meta.filename) === ".ts" ? ".ts" : ".js";
  return join(import.meta.dirname, "..", `${name}${extension}`);
}
