// Loaded with --require before anything else, so it is written for any Node: an old one cannot run TypeScript.
const oldest = [22, 18];
const found = process.versions.node.split(".").map(Number);
if (found[0] < oldest[0] || (found[0] === oldest[0] && found[1] < oldest[1])) {
  console.error(
    `terminal-fleet needs Node ${oldest.join(".")} or newer and this is ${process.versions.node}: ` +
      "start Pulumi with `npm run pulumi -- ...`, which brings its own, or put a newer node first on PATH.",
  );
  process.exit(1);
}

// Keeps compiled code from one run to the next: Pulumi's SDK loads some 20 MB of JavaScript at every preview.
require("node:module").enableCompileCache();
