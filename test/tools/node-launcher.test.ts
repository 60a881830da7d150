import { exec } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
// The other scripts run Biome and the compiler, which run on any Node, or commands that start the pinned Node themselves.
const ownScripts = Object.entries(scripts).filter(([, script]) => script.startsWith("node "));
const tooOld = /^terminal-fleet needs Node 22\.18 or newer and this is 20\.20\.2\. .*\n$/;

// A test that `npm` itself has started has npm's settings in its environment.
const npmEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)),
);

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
    // Node loads these before the files of the command line.
    NODE_OPTIONS: `--require ${JSON.stringify(join(folder, "pretend.cjs"))}`,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, env: NodeJS.ProcessEnv, cwd = root): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    exec(command, { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test.each(ownScripts)(
  "npm run %s prints on an old Node only which version it needs",
  async (_name, script) => {
    const { code, output } = await run(script, onAnOldNode);
    expect(output).toMatch(tooOld);
    expect(output).toContain(`\`npm rebuild node --ignore-scripts=false\` in ${root} installs it now.`);
    expect(code).toBe(1);
  },
);

test("the command that the message names installs the pinned Node under ignore-scripts=true", async () => {
  const { output } = await run(
    `node ${JSON.stringify(join(root, "tools/node-launcher/check-node.cjs"))}`,
    onAnOldNode,
  );
  const command = /`(npm rebuild [^`]+)`/.exec(output)?.[1];
  const project = mkdtempSync(join(folder, "project-"));
  // A package `node` as the real one: its install script creates the executable. It is packed, since npm links folders.
  const source = join(project, "source");
  mkdirSync(source);
  const script = "node -e \"fs.mkdirSync('bin'); fs.writeFileSync('bin/node', 'installed')\"";
  const manifest = { name: "node", version: "24.21.0", scripts: { preinstall: script } };
  writeFileSync(join(source, "package.json"), JSON.stringify(manifest));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ dependencies: { node: "file:node-24.21.0.tgz" }, allowScripts: { node: true } }),
  );
  writeFileSync(join(project, ".npmrc"), "ignore-scripts=true\n");
  const executable = join(project, "node_modules/node/bin/node");
  const npm = (line: string) => run(line, npmEnvironment, project);
  expect(await npm("npm pack ./source --silent")).toMatchObject({ code: 0 });
  expect(await npm("npm install --offline --silent")).toMatchObject({ code: 0 });
  expect(await npm("npm rebuild node --silent")).toMatchObject({ code: 0 });
  expect(existsSync(executable), "ignore-scripts=true has no effect").toBe(false);
  const rebuilt = await npm(command ?? "");
  expect(rebuilt.code, rebuilt.output).toBe(0);
  expect(readFileSync(executable, "utf8")).toBe("installed");
});

/** A copy of the launcher, with a program to launch and a node package that has this executable. */
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
    'console.log("ran", ...process.argv.slice(2)); console.log("in", process.cwd()); process.exitCode = 3;',
  );
  writeFileSync(
    join(copy, "start.cjs"),
    'require("./launch.cjs").launch(require("node:path").join(__dirname, "program.mjs"), ["--no-warnings"]);',
  );
  return join(copy, "start.cjs");
}

const start = (file: string, env: NodeJS.ProcessEnv, cwd = root) =>
  run(`${JSON.stringify(process.execPath)} ${JSON.stringify(file)} one "two words"`, env, cwd);

test.skipIf(process.platform === "win32")(
  "a command runs on the pinned Node whichever Node starts it, and passes on arguments and exit code",
  async () => {
    const pinned = `#!/bin/sh\necho pinned\nunset NODE_OPTIONS\nexec ${JSON.stringify(process.execPath)} "$@"\n`;
    const { code, output } = await start(launcherWith(pinned), onAnOldNode);
    expect(output).toBe(`pinned\nran one two words\nin ${root}\n`);
    expect(code).toBe(3);
  },
);

test("a command runs on the Node that starts it when the pinned one was not installed", async () => {
  const { code, output } = await start(launcherWith(undefined), process.env);
  expect(output).toBe(`ran one two words\nin ${root}\n`);
  expect(code).toBe(3);
});

test("a command says which Node it needs when the pinned one was not installed and this one is too old", async () => {
  const { code, output } = await start(launcherWith(undefined), onAnOldNode);
  expect(output).toMatch(tooOld);
  expect(code).toBe(1);
});

test("npx in a subfolder of a workspace runs the command in that subfolder", async () => {
  const file = launcherWith(undefined);
  const workspace = realpathSync(dirname(file));
  const subfolder = join(workspace, "subfolder");
  mkdirSync(subfolder);
  const env = { ...process.env, npm_lifecycle_event: "npx", INIT_CWD: subfolder };
  expect((await start(file, env, workspace)).output).toContain(`in ${subfolder}\n`);
  // A command that npx started may have changed the folder.
  expect((await start(file, { ...env, INIT_CWD: root }, workspace)).output).toContain(`in ${workspace}\n`);
});
