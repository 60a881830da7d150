/*
 * Diagnostics that Pulumi's SDK records for every resource, whether or not somebody reads them.
 */
const { dirname, join } = require("node:path");

const sdk = dirname(require.resolve("@pulumi/pulumi"));

const batchMs = 20;

/**
 * The SDK sends about four debug messages a resource to the engine, each as a call that waits for the one before it:
 * three quarters of all its calls, and 8 % of a preview's CPU time. The engine drops them without --debug. This joins
 * the messages of 20 milliseconds into one, with a line for each.
 * @param log Exports of the SDK's module log.
 */
function batchDebugMessages(log) {
  const { rpcKeepAlive } = require(join(sdk, "runtime/settings.js"));
  const sendDebug = log.debug;
  let waiting = [];
  let sent = Promise.resolve();
  const send = (release) => {
    const lines = waiting;
    waiting = [];
    sendDebug(lines.join("\n"));
    release();
  };
  log.debug = (message, resource, ...rest) => {
    if (resource || rest.length > 0) return sendDebug(message, resource, ...rest);
    waiting.push(message);
    if (waiting.length === 1) {
      // The program does not end before it releases this.
      const release = rpcKeepAlive();
      sent = new Promise((resolve) => setTimeout(() => resolve(send(release)), batchMs));
    }
    return sent;
  };
}

/**
 * The SDK formats a stack trace for each of its promises: 8 % of a preview's CPU time. It prints them only when
 * PULUMI_DEBUG_PROMISE_LEAKS is set, and then they stay.
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
