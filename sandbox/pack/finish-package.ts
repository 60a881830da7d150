import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { seedJsonSchema } from "../seed/seed-schema.ts";

/*
 * The last step of `npm pack`, after the compiler has written dist/: links the compiled files of other packages of the
 * repository, which the registry does not have, removes the command that needs the repository, and writes the schema of
 * seed files.
 */
const dist = resolve(import.meta.dirname, "..", "dist");
const included = { "@terminal-fleet/file-lock": "tools/file-lock/file-lock.js" };

for (const file of ["sandbox/commands/stack.js", "sandbox/core/prepare-stack.js"]) rmSync(join(dist, file));
for (const file of globSync("sandbox/**/*.js", { cwd: dist })) {
  const path = join(dist, file);
  const text = readFileSync(path, "utf8");
  const linked = Object.entries(included).reduce((source, [name, target]) => {
    const to = relative(dirname(path), join(dist, target)).split(sep).join("/");
    return source.replaceAll(`from "${name}"`, `from "${to}"`);
  }, text);
  if (linked !== text) writeFileSync(path, linked);
}
writeFileSync(
  join(dist, "sandbox", "seed", "seed.schema.json"),
  `${JSON.stringify(seedJsonSchema(), null, 2)}\n`,
);
