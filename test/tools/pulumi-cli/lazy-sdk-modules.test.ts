import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { expect, test } from "vitest";
import { runBeforeProgram } from "./run-before-program.ts";

const require = createRequire(import.meta.url);
const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
const { LogSeverity } = require("@pulumi/pulumi/proto/engine_pb.js");

/** Defines `isWaiting(name)` for a script: whether the SDK's module is still a stand-in. */
const isWaiting = `
  const { isProxy } = require("node:util").types;
  const sdk = require("node:path").dirname(require.resolve("@pulumi/pulumi"));
  const isWaiting = (name) => isProxy(require.cache[require.resolve(name, { paths: [sdk] })].exports);
`;

test("the SDK serializes functions with modules that load when a function is serialized", async () => {
  const { stdout } = await runBeforeProgram(`
    ${isWaiting}
    const names = ["typescript", "@npmcli/arborist", sdk + "/runtime/closure/serializeClosure.js",
      sdk + "/runtime/closure/codePaths.js"];
    const pulumi = require("@pulumi/pulumi");
    const before = names.map(isWaiting);
    pulumi.runtime.serializeFunction(() => 42).then(async ({ text }) => {
      const paths = await pulumi.runtime.computeCodePaths({});
      console.log(JSON.stringify({
        before, after: names.map(isWaiting), text: text.includes("42"), paths: paths.size > 0,
      }));
    });
  `);
  expect(JSON.parse(stdout)).toEqual({
    before: [true, true, true, true],
    after: [false, false, false, false],
    text: true,
    paths: true,
  });
});

test("the automation API and tracing load when they are used", async () => {
  const { stdout } = await runBeforeProgram(`
    ${isWaiting}
    const names = [sdk + "/automation/index.js", sdk + "/cmd/run/tracing.js"];
    const { automation } = require("@pulumi/pulumi");
    const tracing = require(sdk + "/cmd/run/tracing.js");
    tracing.newSpan("nothing is recorded").end();
    const before = names.map(isWaiting);
    const workspace = typeof automation.LocalWorkspace.create;
    const start = typeof tracing.start;
    console.log(JSON.stringify({ before, after: names.map(isWaiting), workspace, start }));
  `);
  expect(JSON.parse(stdout)).toEqual({
    before: [true, true],
    after: [false, false],
    workspace: "function",
    start: "function",
  });
});

test("the SDK attaches no debugger to the program", async () => {
  const { stdout } = await runBeforeProgram(`
    ${isWaiting}
    const hooks = require(sdk + "/runtime/closure/v8Hooks.js");
    hooks.isInitializedAsync().then(() => console.log(isWaiting(sdk + "/runtime/closure/v8Hooks.js")));
  `);
  expect(stdout).toBe("true\n");
});

test("the runner of policy packs loads no TypeScript compiler", async () => {
  const { stdout } = await runBeforeProgram(`
    ${isWaiting}
    const { typeScriptRequireStrings } = require(sdk + "/tsutils.js");
    const { typescriptRequire, tsnodeRequire } = typeScriptRequireStrings();
    require(require.resolve(tsnodeRequire, { paths: [sdk] })).register({ compiler: typescriptRequire });
    const { version } = require(typescriptRequire);
    console.log(JSON.stringify({ waiting: [typescriptRequire, tsnodeRequire].map(isWaiting), version }));
  `);
  expect(JSON.parse(stdout)).toEqual({
    waiting: [true, true],
    version: require("typescript/package.json").version,
  });
});

test("all rules receive one conversion of a resource's properties, and a rule that keeps secrets its own", async () => {
  const { stdout } = await runBeforeProgram(`
    const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
    const { deserializeProperties } = require("@pulumi/policy/deserialize.js");
    const { unknownCheckingProxy } = require("@pulumi/policy");
    const message = () => Struct.fromJavaScript({ sku: { name: "S1" } });
    const [one, other] = [message(), message()];
    const first = deserializeProperties(one, false);
    console.log(JSON.stringify({
      properties: first,
      again: deserializeProperties(one, false) === first,
      proxyAgain: unknownCheckingProxy(first) === unknownCheckingProxy(first),
      other: deserializeProperties(other, false) === first,
      withSecrets: deserializeProperties(one, true) === first,
    }));
  `);
  expect(JSON.parse(stdout)).toEqual({
    properties: { sku: { name: "S1" } },
    again: true,
    proxyAgain: true,
    other: false,
    withSecrets: false,
  });
});

test("the engine receives every message in order, with the debug messages of a moment joined", async () => {
  const messages: [severity: number, text: string][] = [];
  const server = new grpc.Server();
  server.addService(EngineService, {
    // biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
    log(call: any, answer: (error: null, response: unknown) => void) {
      messages.push([call.request.getSeverity(), call.request.getMessage()]);
      answer(null, new empty.Empty());
    },
    getRootResource: () => {},
    setRootResource: () => {},
    startDebugging: () => {},
    requirePulumiVersion: () => {},
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  try {
    const { code, stderr } = await runBeforeProgram(
      `
        const { log, runtime } = require("@pulumi/pulumi");
        log.debug("first");
        log.debug("second");
        log.info("third");
        log.debug("fourth");
        runtime.disconnect();
      `,
      { PULUMI_NODEJS_ENGINE: `127.0.0.1:${port}` },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  } finally {
    server.forceShutdown();
  }
  expect(messages).toEqual([
    [LogSeverity.DEBUG, "first\nsecond"],
    [LogSeverity.INFO, "third"],
    [LogSeverity.DEBUG, "fourth"],
  ]);
});

test.each([
  [{}, 1],
  [{ PULUMI_DEBUG_PROMISE_LEAKS: "1" }, expect.toSatisfy((lines: number) => lines > 3)],
])("with %j, the stack trace of a promise of the SDK has %s line(s)", async (env, lines) => {
  const { stdout } = await runBeforeProgram(
    `
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable.js");
      const promise = Promise.resolve();
      debuggablePromise(promise, "context");
      console.log(promise._debugStackTrace.split("\\n").length, Error.stackTraceLimit);
    `,
    env,
  );
  const [count, limit] = stdout.trim().split(" ").map(Number);
  expect({ count, limit }).toEqual({ count: lines, limit: 10 });
});
