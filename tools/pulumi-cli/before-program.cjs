// Loaded with --require before the program, on any Node.
require("@terminal-fleet/node-launcher/check-node");
const { Module } = require("node:module");
const { dirname, join } = require("node:path");

// Compiled code is kept from run to run, which saves a fifth of a preview's time.
Module.enableCompileCache(join(__dirname, "..", "..", "node_modules", ".cache", "node"));

const sdk = dirname(require.resolve("@pulumi/pulumi"));

/*
 * Pulumi's SDK loads TypeScript and npm's arborist at once, and uses them only to serialise functions, of which this
 * program has none. Loaded when they are first used, they cost nothing: a tenth of a preview's time, and 40 MB.
 */
for (const name of ["typescript", "@npmcli/arborist"]) {
  const file = find(name);
  const loaded = () => {
    if (require.cache[file] === standIn) delete require.cache[file];
    return require(file);
  };
  const get = (_, key) => (key === "__esModule" ? true : loaded()[key]);
  const standIn = file && putInPlaceOf(file, new Proxy({}, { get }));
}

/*
 * It also has every stack trace looked up in source maps, and takes a trace for each property of a resource. Node strips
 * types in place, so lines are right without: a twentieth of a preview's time.
 */
const sourceMaps = find("source-map-support/register");
if (sourceMaps) putInPlaceOf(sourceMaps, {});

/** Undefined when it is not there: the SDK knows what to do without it. */
function find(name) {
  try {
    return require.resolve(name, { paths: [sdk] });
  } catch {
    return undefined;
  }
}

function putInPlaceOf(file, exports) {
  const standIn = new Module(file, module);
  Object.assign(standIn, { filename: file, loaded: true, exports });
  require.cache[file] = standIn;
  return standIn;
}
