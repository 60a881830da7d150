// Loaded with --require before the program, on any Node.
require("./check-node.cjs");
const { Module } = require("node:module");
const { dirname, join } = require("node:path");

// Compiled code is kept from run to run, which saves a fifth of a preview's time.
Module.enableCompileCache(join(__dirname, "..", "node_modules", ".cache", "node"));

/*
 * Pulumi's SDK loads TypeScript and npm's arborist at once, and uses them only to serialise functions, of which this
 * program has none. Loaded when they are first used, they cost nothing: a tenth of a preview's time, and 40 MB.
 */
const sdk = dirname(require.resolve("@pulumi/pulumi"));
for (const name of ["typescript", "@npmcli/arborist"]) whenUsed(name);

function whenUsed(name) {
  let file;
  try {
    file = require.resolve(name, { paths: [sdk] });
  } catch {
    return; // The SDK knows what to do without it.
  }
  const loaded = () => {
    if (require.cache[file] === standIn) delete require.cache[file];
    return require(file);
  };
  const get = (_, key) => (key === "__esModule" ? true : loaded()[key]);
  const standIn = new Module(file, module);
  Object.assign(standIn, { filename: file, loaded: true, exports: new Proxy({}, { get }) });
  require.cache[file] = standIn;
}
