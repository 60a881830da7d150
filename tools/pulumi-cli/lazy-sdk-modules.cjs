/*
 * Pulumi's SDK loads several modules at its start that this program never uses, and two that spend time on each of
 * its 73 resources. This file puts a stand-in for each of them into Node's module cache. The stand-in loads the real
 * module when something reads one of its exports, so that every feature of the SDK still works.
 * Each figure is its share of a preview's CPU time. A module that an SDK version lacks is left out.
 */
const { Module } = require("node:module");
const { dirname, join } = require("node:path");
const { shareProperties, shareProxies } = require("./policy-sdk-sharing.cjs");
const { batchDebugMessages, skipPromiseTraces } = require("./sdk-diagnostics.cjs");

const sdk = dirname(require.resolve("@pulumi/pulumi"));

// Function serialization, which compiles and bundles callbacks for dynamic providers and serverless functions: 10 %.
// The runner of policy packs loads the compiler too, for its version.
loadOnUse("typescript", { untilLoaded: { version: versionOf("typescript") } });
loadOnUse("@npmcli/arborist");
loadOnUse(join(sdk, "runtime/closure/codePaths.js"), { functions: ["computeCodePaths"] });
loadOnUse(join(sdk, "runtime/closure/serializeClosure.js"), {
  functions: ["serializeFunction", "serializeFunctionAsync"],
});
// Also function serialization. The SDK attaches a debugger to the process at its start, which slows down all code: 12 %.
loadOnUse(join(sdk, "runtime/closure/v8Hooks.js"), { untilLoaded: { isInitializedAsync: async () => {} } });
// The automation API, with which a program runs other Pulumi programs: 2 %.
loadOnUse(join(sdk, "automation/index.js"));
// OpenTelemetry's exporters, for `pulumi --tracing`; without it, a span of its API records nothing: 4 %.
loadOnUse(join(sdk, "cmd/run/tracing.js"), { untilLoaded: { newSpan } });

// The runner of policy packs registers a TypeScript compiler, although Node runs the TypeScript itself: a fifth of the
// pack's CPU time.
for (const compiler of ["ts-node", join(sdk, "vendor/ts-node@7.0.1")]) {
  loadOnUse(compiler, { untilLoaded: { register: () => {}, VERSION: "unused" } });
}
const policySdk = find("@pulumi/policy");
if (policySdk) {
  loadOnUse(join(dirname(policySdk), "deserialize.js"), { prepare: shareProperties });
  loadOnUse(join(dirname(policySdk), "proxy.js"), { prepare: shareProxies });
}

loadOnUse(join(sdk, "log/index.js"), { prepare: batchDebugMessages });
loadOnUse(join(sdk, "runtime/debuggable.js"), { prepare: skipPromiseTraces });

// Node strips types in place, so line numbers are right without source maps. The SDK would read those of all packages,
// double the memory, and map a stack trace for each property of a resource: 5 %.
const sourceMaps = find("source-map-support/register");
if (sourceMaps) replaceModule(sourceMaps, {});

/**
 * @param {string} name Name or path of a CommonJS module with named exports.
 * @param {object} options `functions`: names of exports that the SDK copies at its start, which load the module when
 * they are called. `untilLoaded`: exports that do not load it. `prepare`: receives the exports of the loaded module,
 * and may replace some of them.
 */
function loadOnUse(name, { functions = [], untilLoaded = {}, prepare = () => {} } = {}) {
  const file = find(name);
  // The runner of policy packs loads the SDK before this file.
  if (!file || require.cache[file]) return;
  let real;
  const load = () => {
    if (!real) {
      if (require.cache[file] === standIn) delete require.cache[file];
      real = require(file);
      prepare(real);
    }
    return real;
  };
  const get = (_, key) => {
    if (key === "__esModule") return true;
    if (real) return real[key];
    if (functions.includes(key)) return (...args) => load()[key](...args);
    return key in untilLoaded ? untilLoaded[key] : load()[key];
  };
  const standIn = replaceModule(file, new Proxy({}, { get }));
}

function newSpan(name) {
  const { trace } = require(require.resolve("@opentelemetry/api", { paths: [sdk] }));
  return trace.getTracer("nodejs-runtime").startSpan(name);
}

/** Path of a module as the SDK resolves it; undefined when it is not installed. */
function find(name) {
  try {
    return require.resolve(name, { paths: [sdk] });
  } catch {
    return undefined;
  }
}

/** Version of an installed package; undefined when it is not installed. */
function versionOf(name) {
  const file = find(`${name}/package.json`);
  return file && require(file).version;
}

function replaceModule(file, exports) {
  const replacement = new Module(file, module);
  Object.assign(replacement, { filename: file, loaded: true, exports });
  require.cache[file] = replacement;
  return replacement;
}
