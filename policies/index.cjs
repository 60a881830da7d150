// Pulumi loads a policy pack with require() and a TypeScript compiler of its own. The import runs it on Node instead.
require("../tools/pulumi-cli/before-program.cjs");
module.exports = import("./pack.ts");
