/*
 * Makes two kinds of diagnostics cheaper that Pulumi's SDK produces for every resource, whether or not they are read.
 */
const { dirname, join } = require("node:path");

const sdk = dirname(require.resolve("@pulumi/pulumi"));

const batchMs = 20;

/**
 * Joins the debug messages of 20 milliseconds into one message with a line for each. The SDK sends about four debug
 * messages a resource to the engine, each in a call that waits for the previous one: three quarters of all its calls, and
 * 8 % of a preview's CPU time. The engine discards them unless it runs with --debug.
 * @param log Exports of the SDK's module log.
 */
function batchDebugMessages(log) {
  const { rpcKeepAlive } = require(join(sdk, "runtime/settings.js"));
  const { debug } = log;
  let batch = [];
  let release = () => {};
  let sent = Promise.resolve();
  const send = () => {
    if (batch.length === 0) return;
    const lines = batch;
    batch = [];
    sent = debug(lines.join("\n"));
    release();
  };
  log.debug = (message, resource, ...rest) => {
    if (resource || rest.length > 0) {
      send();
      return debug(message, resource, ...rest);
    }
    if (batch.push(message) === 1) {
      // The SDK keeps the program running until this is called.
      release = rpcKeepAlive();
      setTimeout(send, batchMs);
    }
    return sent;
  };
  // Messages stay in order.
  for (const severity of ["info", "warn", "error"]) {
    const sendMessage = log[severity];
    log[severity] = (...args) => {
      send();
      return sendMessage(...args);
    };
  }
}

/**
 * Skips the stack trace that the SDK formats for each of its promises: 8 % of a preview's CPU time. The SDK prints these
 * traces only when PULUMI_DEBUG_PROMISE_LEAKS is set. Then they are kept.
 * @param debuggable Exports of the SDK's module runtime/debuggable.
 */
function skipPromiseTraces(debuggable) {
  if (debuggable.debugPromiseLeaks) return;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

module.exports = { batchDebugMessages, skipPromiseTraces };
