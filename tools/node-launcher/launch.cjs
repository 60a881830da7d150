// Runs on any Node version: it is what starts the pinned one.
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const { version: pinnedVersion } = require("node/package.json");

/**
 * Runs a program on the pinned Node: in this process when it already runs on that version and needs no Node options,
 * else in a child process whose exit code, signals and streams are passed on. Without the pinned Node (npm was kept
 * from running its install script) the program runs here, and a version that is too old ends with an explanation.
 * @param {string} program Absolute path of the program's main file.
 * @param {string[]} nodeOptions Options for Node, for example ["--disable-warning=ExperimentalWarning"].
 */
function launch(program, nodeOptions = []) {
  const pinned = pinnedNode();
  if (process.version === `v${pinnedVersion}` && nodeOptions.length === 0) return run(program);
  if (!pinned) {
    require("./check-node.cjs");
    return run(program);
  }
  const child = spawn(pinned, [...nodeOptions, program, ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches the child as well, which decides when to end; other signals reach this process alone.
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

function run(program) {
  // The program reads its arguments from process.argv, as if Node had started it.
  process.argv[1] = program;
  import(pathToFileURL(program).href);
}

/** Path of the pinned Node's executable; undefined when it is not installed. */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const file = join(dirname(require.resolve("node/package.json")), "bin", name);
  return existsSync(file) ? file : undefined;
}

module.exports = { launch };
