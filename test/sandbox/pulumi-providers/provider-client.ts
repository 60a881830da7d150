import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { startProviders } from "../../../sandbox/pulumi-providers/providers.ts";
import { fromStruct, toStruct } from "../../../sandbox/pulumi-providers/wire.ts";
import { TestSandbox, type TestSandboxServices } from "../../support/test-sandbox.ts";

/** Starts a sandbox with the three providers, and a client of each that calls it as Pulumi's engine does. */
export async function startEngine(deployerRole = "Owner", services: TestSandboxServices = {}) {
  const sandbox = await TestSandbox.start(services);
  const deployer = sandbox.principal({ role: deployerRole });
  const providers = await startProviders(sandbox.azure, deployer);
  const clients = Object.fromEntries(
    providers.debugProviders.split(",").map((each) => {
      const [name, port] = each.split(":") as [string, string];
      return [name, new Engine(Number(port))];
    }),
  );
  const { "azure-native": native, azuread, random } = clients as Record<string, Engine>;
  return {
    sandbox,
    azure: sandbox.azure,
    deployer,
    native: native as Engine,
    azuread: azuread as Engine,
    random: random as Engine,
    async close() {
      for (const client of Object.values(clients)) client.close();
      await providers.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** A resource as the engine stores it. */
export interface Deployed {
  id: string;
  urn: string;
  inputs: Properties;
  outputs: Properties;
}

const seed = new Uint8Array([1, 2, 3]);

/** Calls one provider over gRPC, in the engine's order of calls. */
export class Engine {
  readonly client: InstanceType<typeof services.ResourceProviderClient>;

  constructor(port: number) {
    this.client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  close(): void {
    this.client.close();
  }

  async check(token: string, name: string, news: Properties, olds: Properties = {}) {
    const request = new messages.CheckRequest()
      .setUrn(urn(token, name))
      .setOlds(toStruct(olds))
      .setNews(toStruct(news))
      .setRandomseed(seed);
    const response = await call<InstanceType<typeof messages.CheckResponse>>((done) =>
      this.client.check(request, done),
    );
    return {
      inputs: fromStruct(response.getInputs()),
      failures: response.getFailuresList().map((failure) => failure.getReason()),
    };
  }

  /** The outputs in the preview of a new resource. */
  async preview(token: string, name: string, inputs: Properties): Promise<Properties> {
    const checked = await this.passing(token, name, inputs);
    const request = new messages.CreateRequest()
      .setUrn(urn(token, name))
      .setProperties(toStruct(checked))
      .setPreview(true);
    const response = await call<InstanceType<typeof messages.CreateResponse>>((done) =>
      this.client.create(request, done),
    );
    return fromStruct(response.getProperties());
  }

  async create(token: string, name: string, inputs: Properties): Promise<Deployed> {
    const checked = await this.passing(token, name, inputs);
    const request = new messages.CreateRequest().setUrn(urn(token, name)).setProperties(toStruct(checked));
    const response = await call<InstanceType<typeof messages.CreateResponse>>((done) =>
      this.client.create(request, done),
    );
    return {
      id: response.getId(),
      urn: urn(token, name),
      inputs: checked,
      outputs: fromStruct(response.getProperties()),
    };
  }

  async diff(old: Deployed, news: Properties) {
    const { token, name } = parts(old.urn);
    const inputs = await this.passing(token, name, news, old.inputs);
    const request = new messages.DiffRequest()
      .setId(old.id)
      .setUrn(old.urn)
      .setOlds(toStruct(old.outputs))
      .setOldInputs(toStruct(old.inputs))
      .setNews(toStruct(inputs));
    const response = await call<InstanceType<typeof messages.DiffResponse>>((done) =>
      this.client.diff(request, done),
    );
    return {
      inputs,
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      paths: [...response.getDetaileddiffMap().keys()] as string[],
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async update(old: Deployed, news: Properties, preview = false): Promise<Deployed> {
    const { token, name } = parts(old.urn);
    const inputs = await this.passing(token, name, news, old.inputs);
    const request = new messages.UpdateRequest()
      .setId(old.id)
      .setUrn(old.urn)
      .setOlds(toStruct(old.outputs))
      .setOldInputs(toStruct(old.inputs))
      .setNews(toStruct(inputs))
      .setPreview(preview);
    const response = await call<InstanceType<typeof messages.UpdateResponse>>((done) =>
      this.client.update(request, done),
    );
    return { ...old, inputs, outputs: fromStruct(response.getProperties()) };
  }

  /** Refreshes a resource, or imports it when only the ID is known. */
  async read(old: Pick<Deployed, "id" | "urn"> & Partial<Deployed>) {
    const request = new messages.ReadRequest().setId(old.id).setUrn(old.urn);
    if (old.inputs) request.setInputs(toStruct(old.inputs)).setProperties(toStruct(old.outputs ?? {}));
    const response = await call<InstanceType<typeof messages.ReadResponse>>((done) =>
      this.client.read(request, done),
    );
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  async delete(old: Deployed): Promise<void> {
    const request = new messages.DeleteRequest()
      .setId(old.id)
      .setUrn(old.urn)
      .setProperties(toStruct(old.outputs))
      .setOldInputs(toStruct(old.inputs));
    await call((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: Properties = {}): Promise<Properties> {
    const request = new messages.InvokeRequest().setTok(token).setArgs(toStruct(args));
    const response = await call<InstanceType<typeof messages.InvokeResponse>>((done) =>
      this.client.invoke(request, done),
    );
    return fromStruct(response.getReturn());
  }

  private async passing(token: string, name: string, news: Properties, olds: Properties = {}) {
    const { inputs, failures } = await this.check(token, name, news, olds);
    if (failures.length > 0) throw new Error(`check failed: ${failures.join("; ")}`);
    return inputs;
  }
}

function urn(token: string, name: string): string {
  return `urn:pulumi:test::project::parent:index:Component$${token}::${name}`;
}

function parts(of: string): { token: string; name: string } {
  const [, , types = "", name = ""] = of.split("::");
  return { token: types.split("$").pop() as string, name };
}

export function call<Response>(
  start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
  });
}
