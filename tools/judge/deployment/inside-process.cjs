/*
 * Node loads this file first in every process of a judged deployment (NODE_OPTIONS in environment.ts): the language
 * host, the program and the policy pack.
 * It refuses connections that leave this computer, and lets the program and the pack start no other process. It is a
 * barrier against a mistake and a plain attempt, not against code that looks for a way around it: the linter's list of
 * imports and a review are there for that (docs/pull-requests.md).
 */
const { Module } = require("node:module");
const net = require("node:net");
const childProcess = require("node:child_process");

refuseConnections();
// The language host starts the program and the pack.
if (/[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run/.test(process.argv[1] ?? "")) {
  refuseProcesses();
  recordEveryLine();
}

function refuseConnections() {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    const [first] = Array.isArray(args[0]) ? args[0] : args;
    const target = typeof first === "object" ? first : { port: first, host: args[1] };
    const host = typeof target.host === "string" ? target.host : "localhost";
    const isPath =
      typeof target.path === "string" || (typeof first === "string" && Number.isNaN(Number(first)));
    if (!isPath && !/^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/.test(host)) {
      throw refusal(`a connection to ${host}`);
    }
    return connect.apply(this, args);
  };
  const dgram = require("node:dgram");
  dgram.createSocket = () => {
    throw refusal("a UDP socket");
  };
}

function refuseProcesses() {
  for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]) {
    childProcess[name] = (file) => {
      throw refusal(`the process ${String(file)}`);
    };
  }
  Module.syncBuiltinESMExports?.();
}

function refusal(what) {
  return new Error(
    `The judge refuses ${what}: a judged program and its policy pack reach the sandbox only. Remove it from the program.`,
  );
}

/**
 * Makes the SDK record the lines of modules' top level too, so that a finding names the line in index.ts. The SDK's
 * expression matches frames of functions only ("at f (file:1:2)"), and not those of a module ("at file:1:2").
 */
function recordEveryLine() {
  const load = Module._load;
  Module._load = function (...args) {
    const loaded = load.apply(this, args);
    if (loaded?.Resource?.framePositionRegExp) {
      loaded.Resource.framePositionRegExp =
        /^\s*at (?:.* \(|async )?(?<file>[^()\s][^()]*):(?<line>[0-9]+):(?<column>[0-9]+)\)?$/;
      Module._load = load;
    }
    return loaded;
  };
}
