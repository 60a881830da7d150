// Runs on any Node version, and starts the pinned one.
const { spawn } = require("node:child_process");
const { existsSync, realpathSync } = require("node:fs");
const { dirname, join, sep } = require("node:path");
const { pathToFileURL } = require("node:url");

const { version: pinnedVersion } = require("node/package.json");

/**
 * Runs a program on the pinned Node. A process that already has that version runs the program itself, unless the program
 * needs Node options. Otherwise a child process runs it, and its exit code, signals and streams are passed on. When the
 * pinned Node is missing, because npm skipped its install script, the program runs on the current version; a version that
 * is too old ends with an explanation.
 * @param {string} program Absolute path of the program's main file.
 * @param {string[]} nodeOptions Options for Node, for example ["--disable-warning=ExperimentalWarning"].
 */
function launch(program, nodeOptions = []) {
  enterCallerFolder();
  const pinned = findPinnedNode();
  if (process.version === `v${pinnedVersion}` && nodeOptions.length === 0) return run(program);
  if (!pinned) {
    require("./check-node.cjs");
    return run(program);
  }
  const child = spawn(pinned, [...nodeOptions, program, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to the child as well, and the child decides when to end. Other signals reach this process only.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`${pinned} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * Changes to the folder that npx was called from, which relative paths refer to. Below the folder of a workspace, npx
 * starts the command in the workspace's folder.
 */
function enterCallerFolder() {
  const { npm_lifecycle_event: event, INIT_CWD: folder = "" } = process.env;
  if (event !== "npx" || !existsSync(folder)) return;
  const callerFolder = realpathSync(folder);
  if (callerFolder.startsWith(process.cwd() + sep)) process.chdir(callerFolder);
}

function run(program) {
  // The program reads its arguments from process.argv, as if Node had started it.
  process.argv[1] = program;
  import(pathToFileURL(program).href);
}

/** Path of the pinned Node's executable; undefined when it is not installed. */
function findPinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const file = join(dirname(require.resolve("node/package.json")), "bin", name);
  return existsSync(file) ? file : undefined;
}

module.exports = { launch };
