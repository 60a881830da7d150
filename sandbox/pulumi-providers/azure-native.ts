import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "../entra-id/directory.ts";
import { normalizeLocation } from "../resource-manager/regions.ts";
import { resourceGroupId } from "../resource-manager/resource-ids.ts";
import type { ResourceBody } from "../resource-manager/resource-manager.ts";
import { ResourceManager } from "../resource-manager/resource-manager.ts";
import type { ResourceType } from "../resource-manager/resource-type.ts";
import { resourceTypes } from "../resource-manager/resource-type-registry.ts";
import { autoName } from "./auto-name.ts";
import {
  nameInputs,
  ownNameInput,
  pickInputs,
  toBody,
  toId,
  toInputs,
  toOutputs,
  toPreview,
} from "./azure-native-shape.ts";
import { applyDrift, compare } from "./diff.ts";
import type { CheckRequest, Difference, Properties, Provider, State, Target } from "./provider.ts";
import { requireSame, unknownFunction, unknownType } from "./provider.ts";
import { validate } from "./validate.ts";
import { containsUnknown, isUnknown, unknownValue } from "./wire.ts";

/** azure-native's own input for a generated name: with it, old and new resource can exist together in a replacement. */
const generatedNameInput = "__createBeforeDelete";

type Olds = { inputs: Properties; outputs: Properties };

const typesByToken = new Map(resourceTypes.map((type) => [type.token, type]));

/** Pulumi's azure-native provider on the sandbox's resource manager. It calls the resource manager as the deployer. */
export class AzureNative implements Provider {
  readonly package = "@pulumi/azure-native";
  private readonly azure: AzureEnvironment;
  private readonly deployer: Principal;
  private readonly manager: ResourceManager;
  /** The location of resources without one; it has priority over the location of their resource group. */
  private defaultLocation: string | undefined;

  constructor(azure: AzureEnvironment, deployer: Principal) {
    this.azure = azure;
    this.deployer = deployer;
    this.manager = new ResourceManager(azure, deployer.objectId);
  }

  configure(settings: Record<string, string>): void {
    requireSame("azure-native:subscriptionId", settings.subscriptionId, this.azure.subscriptionId);
    requireSame("azure-native:tenantId", settings.tenantId, this.azure.tenantId);
    this.defaultLocation = settings.location;
  }

  async check({ token, name, olds, news, seed }: CheckRequest) {
    const type = typeOf(token);
    const inputs: Properties = { ...news };
    const key = ownNameInput(type);
    if (inputs[key] === undefined) {
      const isGenerated =
        olds[key] === undefined ? type.autoName !== "copy" : olds[generatedNameInput] === true;
      inputs[key] = olds[key] ?? autoName(type.autoName, name, seed);
      if (isGenerated) inputs[generatedNameInput] = true;
    }
    if (type.topLevel.includes("location") && inputs.location === undefined) {
      const location = olds.location ?? this.defaultLocation ?? this.groupLocation(inputs.resourceGroupName);
      if (location !== undefined) inputs.location = location;
    }
    inputs.azureApiVersion ??= type.apiVersion;
    return { inputs, failures: findFailures(type, inputs) };
  }

  diff({ token }: Target, olds: Olds, news: Properties): Difference {
    const type = typeOf(token);
    const replaceOn = new Set([...nameInputs(type), ...(type.replaceOn ?? [])]);
    const changes = compare(olds.inputs, news, replaceOn);
    const [before, after] = [olds.inputs.location, news.location];
    if (typeof before === "string" && typeof after === "string" && !isUnknown(after)) {
      if (normalizeLocation(before) === normalizeLocation(after)) changes.delete("location");
    }
    const replaces = [...changes.values()].some(({ replace }) => replace);
    return { changes, deleteBeforeReplace: replaces && olds.inputs[generatedNameInput] !== true };
  }

  preview({ token }: Target, inputs: Properties, olds?: Properties): Properties {
    const outputs = toPreview(typeOf(token), inputs);
    // These two never change in place, so they are known in the preview of an update.
    for (const name of ["name", "location"]) {
      const value = olds?.[name];
      if (value !== undefined) outputs[name] = value;
    }
    return outputs;
  }

  async create({ token }: Target, inputs: Properties): Promise<State> {
    const type = typeOf(token);
    const id = toId(type, this.azure.subscriptionId, inputs);
    if (!type.singleton && this.azure.resources.get(id)) {
      throw new Error(`cannot create already existing resource '${id}'`);
    }
    this.manager.checkApiVersion(id, type.apiVersion);
    const resource = await this.manager.write(id, toBody(type, inputs));
    return { id: resource.id, outputs: toOutputs(type, resource) };
  }

  async update({ token }: Target, id: string, _olds: Olds, news: Properties): Promise<Properties> {
    const type = typeOf(token);
    this.manager.checkApiVersion(id, type.apiVersion);
    return toOutputs(type, await this.manager.write(id, toBody(type, news)));
  }

  async read({ token }: Target, id: string, olds: Olds | undefined) {
    const type = typeOf(token);
    if (!this.azure.resources.get(id)) return undefined;
    this.manager.checkApiVersion(id, type.apiVersion);
    const outputs = toOutputs(type, this.manager.read(id));
    const inputs = olds
      ? applyDrift(olds.inputs, pickInputs(type, olds.outputs), pickInputs(type, outputs))
      : toInputs(type, id, outputs);
    return { id, outputs, inputs };
  }

  async delete({ token }: Target, id: string): Promise<void> {
    const type = typeOf(token);
    this.manager.checkApiVersion(id, type.apiVersion);
    if (!type.singleton) return this.manager.delete(id);
    if (this.azure.resources.get(id)) await this.manager.write(id, type.singleton satisfies ResourceBody);
  }

  async invoke(token: string): Promise<Properties> {
    if (token !== "azure-native:authorization:getClientConfig") throw unknownFunction(token);
    return {
      clientId: this.deployer.appId ?? "",
      objectId: this.deployer.objectId,
      subscriptionId: this.azure.subscriptionId,
      tenantId: this.azure.tenantId,
    };
  }

  /** The location of a resource group, for resources without a location of their own. */
  private groupLocation(group: Properties[string] | undefined): string | undefined {
    if (group === undefined) return undefined;
    if (containsUnknown(group)) return unknownValue;
    const id = resourceGroupId(`/subscriptions/${this.azure.subscriptionId}/resourceGroups/${String(group)}`);
    return id && this.azure.resources.get(id)?.location;
  }
}

function typeOf(token: string): ResourceType {
  const type = typesByToken.get(token);
  if (!type) throw unknownType(token);
  return type;
}

/** The problems of a resource's inputs, one a line. */
function findFailures(type: ResourceType, inputs: Properties): string[] {
  const names = nameInputs(type);
  const missing = names.filter((name) => inputs[name] === undefined);
  const others = Object.entries(inputs).filter(
    ([name]) => !names.includes(name) && !name.startsWith("__") && name !== "azureApiVersion",
  );
  const { azureApiVersion } = inputs;
  const version =
    azureApiVersion === type.apiVersion
      ? []
      : [`the sandbox knows ${type.token} of API version ${type.apiVersion} only, not ${azureApiVersion}`];
  return [
    ...version,
    ...missing.map((name) => `missing required property '${name}'`),
    ...validate(type.token, type.inputs, Object.fromEntries(others)),
  ];
}
