import { createRequire } from "node:module";
import grpc from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type structs from "google-protobuf/google/protobuf/struct_pb.js";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { Provider } from "./provider.ts";
import { fromStruct, toStruct } from "./wire.ts";

/** A running provider, to which the engine can attach. */
export interface ProviderServer {
  /** The port on 127.0.0.1. */
  port: number;
  close(): Promise<void>;
}

/** Maximum message size: more than any stack for the sandbox needs. Pulumi's own providers accept 400 MB. */
const maxMessageBytes = 64 * 1024 * 1024;

/**
 * Serves a provider over gRPC for PULUMI_DEBUG_PROVIDERS.
 * @param port The port on 127.0.0.1; default 0: the system chooses a free port.
 * @throws An error with the code EADDRINUSE or EACCES when the port is unavailable.
 */
export async function serveProvider(provider: Provider, port = 0): Promise<ProviderServer> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(services.ResourceProviderService, handlers(provider));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, found) =>
      error ? reject(withSystemCode(error)) : resolve(found),
    );
  });
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        // The engine keeps its connection open, so close it after a grace time for running calls.
        const force = setTimeout(() => server.forceShutdown(), 500);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}

/** Adds the code of the system error, which gRPC has in the text only. */
function withSystemCode(error: Error): Error {
  const code = /\b(EADDRINUSE|EACCES)\b/.exec(error.message)?.[1];
  return code ? Object.assign(error, { code }) : error;
}

type Handler = grpc.UntypedHandleCall;

/** Turns a function of a request into a gRPC method that answers with its result or its error. */
function method<Request, Response>(answer: (request: Request) => Promise<Response> | Response): Handler {
  const handler: grpc.handleUnaryCall<Request, Response> = async (call, callback) => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: formatError(error) });
    }
  };
  // The untyped handler takes messages of any type; the service definition decides which one arrives.
  return handler as unknown as Handler;
}

/** An error in azure-native's form. */
function formatError(error: unknown): string {
  if (error instanceof ArmError) {
    return `Status=${error.status} Code="${error.code}" Message="${error.message}"`;
  }
  return (error as Error).message;
}

function handlers(provider: Provider): grpc.UntypedServiceImplementation {
  const methods: grpc.UntypedServiceImplementation = {
    handshake: method(() => new messages.ProviderHandshakeResponse()),
    attach: method(() => new empty.Empty()),
    getPluginInfo: method(() => new plugins.PluginInfo().setVersion(version(provider.package))),
    checkConfig: method((request: CheckMessage) => new messages.CheckResponse().setInputs(request.getNews())),
    diffConfig: method(() => new messages.DiffResponse()),
    configure: method((request: ConfigureMessage) => {
      provider.configure(settings(request));
      // Without support for secrets, the engine sends plain values and marks the outputs of the same name as secret.
      return new messages.ConfigureResponse().setSupportspreview(true);
    }),
    check: method((request: CheckMessage) => check(provider, request)),
    diff: method((request: DiffMessage) => diff(provider, request)),
    create: method((request: CreateMessage) => create(provider, request)),
    read: method((request: ReadMessage) => read(provider, request)),
    update: method((request: UpdateMessage) => update(provider, request)),
    delete: method(async (request: DeleteMessage) => {
      await provider.delete(target(request), request.getId(), fromStruct(request.getProperties()));
      return new empty.Empty();
    }),
    invoke: method(async (request: InvokeMessage) => {
      const result = await provider.invoke(request.getTok(), fromStruct(request.getArgs()));
      return new messages.InvokeResponse().setReturn(toStruct(result));
    }),
    cancel: method(() => new empty.Empty()),
  };
  for (const name of Object.keys(services.ResourceProviderService)) {
    const refuse: grpc.handleUnaryCall<unknown, never> = (_call, callback) =>
      callback({
        code: grpc.status.UNIMPLEMENTED,
        details: `${provider.package} in the sandbox does not know ${name}.`,
      });
    methods[name] ??= refuse as Handler;
  }
  return methods;
}

type CheckMessage = InstanceType<typeof messages.CheckRequest>;
type ConfigureMessage = InstanceType<typeof messages.ConfigureRequest>;
type DiffMessage = InstanceType<typeof messages.DiffRequest>;
type CreateMessage = InstanceType<typeof messages.CreateRequest>;
type ReadMessage = InstanceType<typeof messages.ReadRequest>;
type UpdateMessage = InstanceType<typeof messages.UpdateRequest>;
type DeleteMessage = InstanceType<typeof messages.DeleteRequest>;
type InvokeMessage = InstanceType<typeof messages.InvokeRequest>;

/** The provider's settings, such as azure-native:location, by the name after the colon. */
function settings(request: ConfigureMessage): Record<string, string> {
  const named = request
    .getVariablesMap()
    .toArray()
    .map(([key, value]) => [key.split(":").pop() as string, value]);
  return Object.fromEntries(named);
}

/** Type and name in a URN, which is urn:pulumi:stack::project::parent$type::name. */
function target(request: { getUrn(): string }) {
  const [, , types = "", ...name] = request.getUrn().split("::");
  return { token: types.split("$").pop() as string, name: name.join("::") };
}

function olds(request: {
  getOlds(): structs.Struct | undefined;
  getOldInputs(): structs.Struct | undefined;
}) {
  return { inputs: fromStruct(request.getOldInputs()), outputs: fromStruct(request.getOlds()) };
}

async function check(provider: Provider, request: CheckMessage) {
  const { inputs, failures } = await provider.check({
    ...target(request),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    seed: request.getRandomseed_asU8(),
  });
  return new messages.CheckResponse()
    .setInputs(toStruct(inputs))
    .setFailuresList(failures.map((reason) => new messages.CheckFailure().setReason(reason)));
}

function diff(provider: Provider, request: DiffMessage) {
  const news = fromStruct(request.getNews());
  const { changes, deleteBeforeReplace } = provider.diff(target(request), olds(request), news);
  const { DiffChanges } = messages.DiffResponse;
  const response = new messages.DiffResponse()
    .setChanges(changes.size > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  for (const [path, { kind, replace }] of changes) {
    const detail = new messages.PropertyDiff().setInputdiff(true).setKind(kinds[kind][replace ? 1 : 0]);
    response.getDetaileddiffMap().set(path, detail);
    const top = path.split(/[.[]/)[0] as string;
    if (!response.getDiffsList().includes(top)) response.addDiffs(top);
    if (replace && !response.getReplacesList().includes(top)) response.addReplaces(top);
  }
  return response;
}

async function create(provider: Provider, request: CreateMessage) {
  const inputs = fromStruct(request.getProperties());
  const response = new messages.CreateResponse();
  if (request.getPreview())
    return response.setProperties(toStruct(provider.preview(target(request), inputs)));
  const { id, outputs } = await provider.create(target(request), inputs);
  return response.setId(id).setProperties(toStruct(outputs));
}

async function update(provider: Provider, request: UpdateMessage) {
  const inputs = fromStruct(request.getNews());
  const before = olds(request);
  const outputs = request.getPreview()
    ? provider.preview(target(request), inputs, before.outputs)
    : await provider.update(target(request), request.getId(), before, inputs);
  return new messages.UpdateResponse().setProperties(toStruct(outputs));
}

async function read(provider: Provider, request: ReadMessage) {
  const inputs = request.getInputs();
  // An import has an ID only.
  const before =
    inputs && inputs.getFieldsMap().getLength() > 0
      ? { inputs: fromStruct(inputs), outputs: fromStruct(request.getProperties()) }
      : undefined;
  const found = await provider.read(target(request), request.getId(), before);
  const response = new messages.ReadResponse();
  if (!found) return response;
  return response.setId(found.id).setProperties(toStruct(found.outputs)).setInputs(toStruct(found.inputs));
}

/** The version of an npm package. The engine compares it with the version that the program's SDK requests. */
function version(name: string): string {
  const require = createRequire(import.meta.url);
  return (require(`${name}/package.json`) as { version: string }).version;
}
