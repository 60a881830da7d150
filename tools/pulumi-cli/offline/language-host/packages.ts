import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const plugin = require("@pulumi/pulumi/proto/plugin_pb.js");

interface PackageJson {
  version?: string;
  dependencies?: Record<string, string>;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/**
 * The provider plugins that a program's npm dependencies need: those whose package.json says
 * `pulumi: {resource: true}`. The engine installs the missing ones, unless they are attached or told not to.
 */
export function requiredPackages(programFolder: string) {
  const manifest = read(join(programFolder, "package.json"));
  return Object.keys(manifest?.dependencies ?? {}).flatMap((name) => {
    const found = read(join(programFolder, "node_modules", name, "package.json"));
    if (!found?.pulumi?.resource) return [];
    const dependency = new plugin.PackageDependency();
    dependency.setKind("resource");
    dependency.setName(found.pulumi.name ?? name.replace(/^@[^/]*\//, ""));
    dependency.setVersion(`v${found.pulumi.version ?? found.version}`);
    if (found.pulumi.server) dependency.setServer(found.pulumi.server);
    return [dependency];
  });
}

function read(file: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}
