// Loaded first, on any Node version: an older Node cannot run the files that follow.
const { join } = require("node:path");

const oldest = [22, 18];
// Without the option, npm skips the script that installs Node where ignore-scripts=true is set, which is also why it is
// missing (https://github.com/npm/cli/issues/8970).
const installCommand = "npm rebuild node --ignore-scripts=false";
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `terminal-fleet needs Node ${oldest.join(".")} or newer and this is ${process.versions.node}. ` +
      "The npm scripts (`npm run pulumi -- ...`) bring their own: if this is one of them, " +
      `\`npm ci\` did not install it, and \`${installCommand}\` in ${join(__dirname, "..", "..")} installs it now. ` +
      "Otherwise put a newer node first on PATH.",
  );
  process.exit(1);
}
