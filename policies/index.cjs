// Pulumi loads a policy pack with require() and a TypeScript compiler of its own. The import runs it on Node instead.
const { Module } = require("node:module");
const { join } = require("node:path");

if (!process.features.typescript) {
  throw new Error(
    `The policy pack needs Node 22.18 or newer, and ran on ${process.version}. Run it with \`npm run policy\`, which uses the pinned Node.`,
  );
}
// Keep compiled code from run to run.
Module.enableCompileCache(join(__dirname, "node_modules", ".cache"));
module.exports = import("./pack.ts");
