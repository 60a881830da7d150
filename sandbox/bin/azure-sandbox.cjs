#!/usr/bin/env node
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const source = join(__dirname, "..", "main.ts");
if (existsSync(source)) {
  // Node marks its SQLite module, which keeps the sandbox's state, as experimental.
  const options = ["--disable-warning=ExperimentalWarning"];
  require("@terminal-fleet/node-launcher").launch(source, options);
} else {
  runPackage();
}

/** Runs the compiled program of the npm package on the Node that was called. */
function runPackage() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 24 || (major === 24 && minor < 5)) {
    console.error(
      `azure-sandbox needs Node 24.5 or newer and this is ${process.versions.node}. Install a newer Node, and put it first on PATH.`,
    );
    process.exit(1);
  }
  const program = join(__dirname, "..", "dist", "sandbox", "main.js");
  process.argv[1] = program;
  import(pathToFileURL(program).href);
}
