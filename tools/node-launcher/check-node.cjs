// Loaded before anything else, on any Node: an old one cannot run what comes after it.
const oldest = [22, 18];
const found = process.versions.node.split(".").map(Number);
if (found[0] < oldest[0] || (found[0] === oldest[0] && found[1] < oldest[1])) {
  console.error(
    `terminal-fleet needs Node ${oldest.join(".")} or newer and this is ${process.versions.node}. ` +
      "The npm scripts (`npm run pulumi -- ...`) bring their own: if this is one of them, " +
      "`npm ci` was kept from installing it, and `npm rebuild node` does it now. " +
      "Otherwise put a newer node first on PATH.",
  );
  process.exit(1);
}
