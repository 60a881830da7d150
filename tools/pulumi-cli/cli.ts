import { join, resolve } from "node:path";
import { findPulumi, spawnPulumi } from "./find-pulumi.ts";
import { withPolicyPack } from "./policy-pack.ts";

/**
 * `npm run pulumi -- ARGS`: the Pulumi CLI, found, downloaded or built, with ARGS, on the pinned Node. What deploys
 * is judged by the policy pack, unless ARGS name another one.
 * `npm run policy -- --stack dev`: a preview of a deployed stack, judged likewise.
 */
const projectRoot = resolve(import.meta.dirname, "..", "..");
const [mode, ...args] = process.argv.slice(2);
try {
  const full = withPolicyPack(mode === "policy" ? ["preview", ...args] : args, join(projectRoot, "policies"));
  const child = spawnPulumi(await findPulumi(), full, { cwd: projectRoot });
  // The terminal sends Ctrl-C to the child as well; the CLI decides when to end, and this waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
