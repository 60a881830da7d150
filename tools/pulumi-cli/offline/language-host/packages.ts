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
 * The provider plugins that a program's npm dependencies need: those with `pulumi: {resource: true}` in package.json.
 * The engine installs the missing ones, unless it is attached to them or automatic installation is disabled.
 */
export function requiredPackages(programFolder: string) {
  const manifest = readManifest(join(programFolder, "package.json"));
  return Object.keys(manifest?.dependencies ?? {}).flatMap((name) => {
    const { pulumi, version } = readManifest(join(programFolder, "node_modules", name, "package.json")) ?? {};
    if (!pulumi?.resource) return [];
    const dependency = new plugin.PackageDependency();
    dependency.setKind("resource");
    dependency.setName(pulumi.name ?? name.replace(/^@[^/]*\//, ""));
    dependency.setVersion(`v${pulumi.version ?? version}`);
    if (pulumi.server) dependency.setServer(pulumi.server);
    return [dependency];
  });
}

/** @returns Undefined when the file is missing. */
function readManifest(file: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}
