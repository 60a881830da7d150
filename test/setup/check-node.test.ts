import { exec } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
// Biome and the TypeScript compiler run on any Node.
const ours = Object.entries(scripts).filter(([name]) => name !== "check");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-node-"));
  const pretend = 'Object.defineProperty(process, "versions", { value: { node: "20.20.2" } });';
  writeFileSync(join(folder, "pretend.cjs"), pretend);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(ours)("npm run %s says on an old Node which one it takes, and no more", async (_name, script) => {
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    // Node loads these before what the command line names.
    NODE_OPTIONS: `--require ${JSON.stringify(join(folder, "pretend.cjs"))}`,
  };
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
    exec(script, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
  expect(said).toMatch(/^terminal-fleet needs Node 22\.18 or newer and this is 20\.20\.2\. .*\n$/);
  expect(said).toContain("npm rebuild node");
  expect(code).toBe(1);
});
