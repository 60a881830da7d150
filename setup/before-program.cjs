// Loaded with --require before the program, on any Node: an old one cannot run what comes after it.
const { join } = require("node:path");

const oldest = [22, 18];
const found = process.versions.node.split(".").map(Number);
if (found[0] < oldest[0] || (found[0] === oldest[0] && found[1] < oldest[1])) {
  console.error(
    `terminal-fleet needs Node ${oldest.join(".")} or newer and this is ${process.versions.node}: ` +
      "start Pulumi with `npm run pulumi -- ...`, which brings its own, or put a newer node first on PATH.",
  );
  process.exit(1);
}
// Compiled code is kept from run to run, which saves a fifth of a preview's time.
require("node:module").enableCompileCache(join(__dirname, "..", "node_modules", ".cache", "node"));
