// Pulumi loads a policy pack by require(), through a compiler of its own. From here on Node runs the TypeScript.
require("../tools/pulumi-cli/before-program.cjs");
module.exports = import("./pack.ts");
