// Loaded first, on any Node version: an older Node cannot run the files that follow.
const oldest = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `terminal-fleet needs Node ${oldest.join(".")} or newer and this is ${process.versions.node}. ` +
      "The npm scripts (`npm run pulumi -- ...`) bring their own: if this is one of them, " +
      "`npm ci` did not install it, and `npm rebuild node` installs it now. " +
      "Otherwise put a newer node first on PATH.",
  );
  process.exit(1);
}
