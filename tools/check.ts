import { spawn } from "node:child_process";
import { createRequire } from "node:module";

/* `npm run check`: type check and lint at the same time, the output of each in one piece. */

const require = createRequire(import.meta.url);
const checks = [
  { title: "Types (tsc)", program: "typescript/bin/tsc", args: ["--pretty"] },
  { title: "Lint and format (Biome)", program: "@biomejs/biome/bin/biome", args: ["check", "."] },
];

/** Runs one check and prints its output. @returns Whether it passed. */
async function run({ title, program, args }: (typeof checks)[number]): Promise<boolean> {
  const child = spawn(process.execPath, [require.resolve(program), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  console.log(`${title}: ${code === 0 ? "passed" : "failed"}\n${output}`);
  return code === 0;
}

const results = await Promise.all(checks.map(run));
process.exitCode = results.every((passed) => passed) ? 0 : 1;
