import { exec } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
// Biome and the TypeScript compiler run on any Node; the commands of the workspaces start the pinned one themselves.
const ours = Object.entries(scripts).filter(([, script]) => script.startsWith("node "));
const tooOld = /^terminal-fleet needs Node 22\.18 or newer and this is 20\.20\.2\. .*\n$/;

let folder: string;
let onAnOldNode: NodeJS.ProcessEnv;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-node-"));
  const pretend =
    'Object.defineProperty(process, "versions", { value: { node: "20.20.2" } });' +
    'Object.defineProperty(process, "version", { value: "v20.20.2" });';
  writeFileSync(join(folder, "pretend.cjs"), pretend);
  onAnOldNode = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    // Node loads these before what the command line names.
    NODE_OPTIONS: `--require ${JSON.stringify(join(folder, "pretend.cjs"))}`,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, env: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    exec(command, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

test.each(ours)("npm run %s says on an old Node which one it needs, and no more", async (_name, script) => {
  const { code, said } = await run(script, onAnOldNode);
  expect(said).toMatch(tooOld);
  expect(said).toContain("npm rebuild node");
  expect(code).toBe(1);
});

/** A copy of the launcher with a program to launch, beside a node package whose executable is as given. */
function launcherWith(executable: string | undefined, version = "24.21.0"): string {
  const copy = mkdtempSync(join(folder, "launcher-"));
  for (const file of ["launch.cjs", "check-node.cjs"]) {
    cpSync(join(root, "tools/node-launcher", file), join(copy, file));
  }
  const bin = join(copy, "node_modules/node/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "../package.json"), JSON.stringify({ version }));
  if (executable !== undefined) writeFileSync(join(bin, "node"), executable, { mode: 0o755 });
  writeFileSync(
    join(copy, "program.mjs"),
    'console.log("ran", ...process.argv.slice(2)); process.exitCode = 3;',
  );
  writeFileSync(
    join(copy, "start.cjs"),
    'require("./launch.cjs").launch(require("node:path").join(__dirname, "program.mjs"), ["--no-warnings"]);',
  );
  return join(copy, "start.cjs");
}

const start = (file: string, env: NodeJS.ProcessEnv) =>
  run(`${JSON.stringify(process.execPath)} ${JSON.stringify(file)} one "two words"`, env);

test.skipIf(process.platform === "win32")(
  "a command runs on the pinned Node whatever Node starts it, and passes on arguments and exit code",
  async () => {
    const pinned = `#!/bin/sh\necho pinned\nunset NODE_OPTIONS\nexec ${JSON.stringify(process.execPath)} "$@"\n`;
    const { code, said } = await start(launcherWith(pinned), onAnOldNode);
    expect(said).toBe("pinned\nran one two words\n");
    expect(code).toBe(3);
  },
);

test("a command runs on the Node that starts it when the pinned one was not installed", async () => {
  const { code, said } = await start(launcherWith(undefined), process.env);
  expect(said).toBe("ran one two words\n");
  expect(code).toBe(3);
});

test("a command says which Node it needs when the pinned one was not installed and this one is too old", async () => {
  const { code, said } = await start(launcherWith(undefined), onAnOldNode);
  expect(said).toMatch(tooOld);
  expect(code).toBe(1);
});
