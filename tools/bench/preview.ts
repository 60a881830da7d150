import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPulumi, pulumiEnvironment } from "@terminal-fleet/pulumi-cli";
import { prepareStack, sandboxEnvironment, startSandbox } from "@terminal-fleet/sandbox/in-process";
import { inTurn, measure, median, type Run } from "./measure.ts";

const root = resolve(import.meta.dirname, "..", "..");
const runCount = 5;

/** Time and memory of a preview of the whole program, against an empty program in the same run. */
export async function benchPreview(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "fleet-bench-"));
  const sandbox = await startSandbox({ dir: join(folder, "sandbox") });
  try {
    const cli = await findPulumi();
    const env = sandboxEnvironment(sandbox, "deployer");
    const settings = join(root, "Pulumi.dev.yaml");
    const configFile = await prepareStack(env, { stack: "dev", settings, dir: folder, cli });
    const empty = emptyProject(folder);
    const environment = pulumiEnvironment(cli, { ...process.env, ...env });
    const preview = (cwd: string, ...args: string[]) =>
      measure(cli.path, ["preview", "--stack", "dev", "--non-interactive", ...args], {
        cwd,
        env: environment,
      });
    await measure(cli.path, ["stack", "init", "dev", "--non-interactive"], { cwd: empty, env: environment });
    const [whole = [], baseline = []] = await inTurn(
      [() => preview(root, "--config-file", configFile), () => preview(empty)],
      runCount,
    );
    return report(whole, baseline);
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(whole: Run[], baseline: Run[]): string[] {
  const seconds = (runs: Run[]) => median(runs.map((run) => run.seconds));
  const memory = (runs: Run[]) => {
    const known = runs.flatMap((run) => run.largestProcessMb ?? []);
    return known.length > 0 ? `${Math.round(median(known))} MB` : "not measured on this system";
  };
  return [
    `preview of the whole program   ${seconds(whole).toFixed(2)} s, largest process ${memory(whole)}`,
    `preview of an empty program    ${seconds(baseline).toFixed(2)} s, largest process ${memory(baseline)}`,
    `ratio                          ${(seconds(whole) / seconds(baseline)).toFixed(2)} (at most 1.5; at most 300 MB)`,
  ];
}

function emptyProject(folder: string): string {
  const project = join(folder, "empty");
  mkdirSync(project);
  writeFileSync(
    join(project, "Pulumi.yaml"),
    "name: empty\nruntime: {name: nodejs, options: {typescript: false}}\n",
  );
  writeFileSync(join(project, "package.json"), '{"name":"empty","type":"module","main":"index.ts"}');
  writeFileSync(join(project, "index.ts"), "export {};\n");
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"), "junction");
  return project;
}
