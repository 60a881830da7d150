import { findPulumi, spawnPulumi } from "./pulumi.ts";

/**
 * `npm run pulumi -- ARGS`: the Pulumi CLI, found, downloaded or built, with ARGS, on the pinned Node.
 * `npm run policy -- --stack dev`: a preview judged by the policy pack.
 */
const [mode, ...args] = process.argv.slice(2);
const full = mode === "policy" ? ["preview", "--policy-pack", "policies", ...args] : args;
try {
  const child = spawnPulumi(await findPulumi(), full);
  // The terminal sends Ctrl-C to the child as well; the CLI decides when to end, and this waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
