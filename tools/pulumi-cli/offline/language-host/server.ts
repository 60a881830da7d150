import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { requiredPackages } from "./packages.ts";
import { runPlugin, runProgram } from "./run.ts";

/*
 * The Node language host of a Pulumi CLI that was built from its Go module, because the official language host is not
 * published as a Go module. The engine starts it, reads the port from the first line of its output, and requests over gRPC
 * that it runs the program and the policy pack.
 */

const require = createRequire(import.meta.url);
const language = require("@pulumi/pulumi/proto/language_pb.js");
const plugin = require("@pulumi/pulumi/proto/plugin_pb.js");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const { version } = require("@pulumi/pulumi/package.json");

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Answer = (error: Partial<grpc.ServiceError> | null, response?: any) => void;
// biome-ignore lint/suspicious/noExplicitAny: as above.
type Call = any;

/** The engine's address: an argument, or a part of the handshake. */
let engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

const methods: Record<string, (call: Call, answer: Answer) => void> = {
  handshake(call, answer) {
    engineAddress = call.request.getEngineAddress() || engineAddress;
    answer(null, new language.LanguageHandshakeResponse());
  },
  getPluginInfo(_call, answer) {
    const info = new plugin.PluginInfo();
    info.setVersion(version);
    answer(null, info);
  },
  getRequiredPackages(call, answer) {
    const response = new language.GetRequiredPackagesResponse();
    response.setPackagesList(requiredPackages(call.request.getInfo().getProgramDirectory()));
    answer(null, response);
  },
  getProgramDependencies(_call, answer) {
    answer(null, new language.GetProgramDependenciesResponse());
  },
  runtimeOptionsPrompts(_call, answer) {
    answer(null, new language.RuntimeOptionsResponse());
  },
  about(_call, answer) {
    const about = new language.AboutResponse();
    about.setExecutable(process.execPath);
    about.setVersion(process.version);
    answer(null, about);
  },
  run(call, answer) {
    runProgram(call.request, engineAddress).then(
      (response) => answer(null, response),
      (error: Error) => answer({ code: grpc.status.INTERNAL, message: error.message }),
    );
  },
  runPlugin(call) {
    runPlugin(call);
  },
  cancel(_call, answer) {
    answer(null, new empty.Empty());
  },
};

const unimplemented = (name: string) => (call: Call, answer?: Answer) => {
  const error = {
    code: grpc.status.UNIMPLEMENTED,
    message: `This Node language host does not implement ${name}.`,
  };
  if (answer) answer(error);
  else call.emit("error", error);
};

// An engine that is killed sends no message. Without an engine, this process ends.
const engine = process.ppid;
setInterval(() => process.ppid === engine || process.kill(process.pid, "SIGTERM"), 1000).unref();

const server = new grpc.Server({
  "grpc.max_receive_message_length": 400 << 20,
  "grpc.max_send_message_length": 400 << 20,
});
server.addService(
  LanguageRuntimeService,
  Object.fromEntries(
    Object.keys(LanguageRuntimeService).map((name) => [name, methods[name] ?? unimplemented(name)]),
  ),
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
