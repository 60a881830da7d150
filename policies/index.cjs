// Pulumi loads a policy pack with require() and a TypeScript compiler of its own. The import runs it on Node instead.
const { Module } = require("node:module");

if (!process.features.typescript) {
  throw new Error(
    `The policy pack needs Node 22.18 or newer, and ran on ${process.version}. Run it with \`npm run policy\`, which uses the pinned Node.`,
  );
}
// The engine kills the pack at the end, so the compile cache of before-program.cjs is written once the pack is loaded.
module.exports = import("./pack.ts").finally(() => Module.flushCompileCache?.());
