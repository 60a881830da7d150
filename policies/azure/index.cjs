// Pulumi loads a policy pack with require(). The published package has JavaScript in dist/, the repository TypeScript.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

module.exports = import(existsSync(join(__dirname, "pack.ts")) ? "./pack.ts" : "./dist/pack.js");
