import { join, resolve } from "node:path";
import { findPulumi, spawnPulumi } from "./find-pulumi.ts";
import { withPolicyPack } from "./policy-pack.ts";
import { withSandboxSettings } from "./sandbox-settings.ts";

/*
 * `npm run pulumi -- ARGS` runs the Pulumi CLI with ARGS on the pinned Node. A command that deploys or previews gets the
 * project's policy pack, unless ARGS name another one. In a shell that is directed to the sandbox, settings are read and
 * written in the sandbox's folder.
 */
const projectRoot = resolve(import.meta.dirname, "..", "..");
// The first argument is the name of the npm script.
const args = process.argv.slice(3);
try {
  const withSettings = withSandboxSettings(args, process.env, projectRoot);
  const pulumiArgs = withPolicyPack(withSettings, join(projectRoot, "policies"));
  const child = spawnPulumi(await findPulumi(), pulumiArgs, { cwd: projectRoot });
  // A terminal sends Ctrl-C to the CLI as well. The CLI decides when to end, and this process waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
