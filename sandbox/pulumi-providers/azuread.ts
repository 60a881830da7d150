import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "../entra-id/directory.ts";
import { ObjectStore } from "../entra-id/object-store.ts";
import { application } from "./azuread/application.ts";
import type { DirectoryType, Tenant } from "./azuread/directory-type.ts";
import { federatedCredential } from "./azuread/federated-credential.ts";
import { group, groupMember } from "./azuread/group.ts";
import { servicePrincipal } from "./azuread/service-principal.ts";
import { applyDrift, compare } from "./diff.ts";
import type { CheckRequest, Difference, Properties, Provider, State, Target } from "./provider.ts";
import { requireSame, unknownFunction, unknownType } from "./provider.ts";
import { validate } from "./validate.ts";
import { unknownValue } from "./wire.ts";

const types = [application, servicePrincipal, federatedCredential, group, groupMember];

type Olds = { inputs: Properties; outputs: Properties };

/** Pulumi's azuread provider on the sandbox's directory. It does not check the deployer's rights in the directory. */
export class AzureAd implements Provider {
  readonly package = "@pulumi/azuread";
  private readonly tenant: Tenant;

  constructor(azure: AzureEnvironment, deployer: Principal) {
    this.tenant = { azure, deployer, objects: new ObjectStore(azure.store) };
  }

  configure(settings: Record<string, string>): void {
    requireSame("azuread:tenantId", settings.tenantId, this.tenant.azure.tenantId);
  }

  async check({ token, news }: CheckRequest) {
    return { inputs: news, failures: validate(token, typeOf(token).inputs, news) };
  }

  diff({ token }: Target, olds: Olds, news: Properties): Difference {
    const changes = compare(olds.inputs, news, new Set(typeOf(token).replaceOn));
    return { changes, deleteBeforeReplace: false };
  }

  preview({ token }: Target, inputs: Properties, olds: Properties = {}): Properties {
    const computed = typeOf(token).computed.map((name) => [name, olds[name] ?? unknownValue]);
    return { ...inputs, ...Object.fromEntries(computed) };
  }

  async create({ token }: Target, inputs: Properties): Promise<State> {
    return this.inTransaction(() => typeOf(token).create(inputs, this.tenant));
  }

  async update({ token }: Target, id: string, _olds: Olds, news: Properties): Promise<Properties> {
    return this.inTransaction(() => typeOf(token).update(id, news, this.tenant));
  }

  async read({ token }: Target, id: string, olds: Olds | undefined) {
    const type = typeOf(token);
    const outputs = type.read(id, this.tenant);
    if (!outputs) return undefined;
    const pickInputs = (from: Properties) =>
      Object.fromEntries(Object.entries(from).filter(([name]) => name in type.inputs.shape));
    const inputs = olds
      ? applyDrift(olds.inputs, pickInputs(olds.outputs), pickInputs(outputs))
      : pickInputs(outputs);
    return { id, outputs, inputs };
  }

  async delete({ token }: Target, id: string): Promise<void> {
    this.inTransaction(() => typeOf(token).delete(id, this.tenant));
  }

  async invoke(token: string): Promise<Properties> {
    if (token !== "azuread:index/getClientConfig:getClientConfig") throw unknownFunction(token);
    const { objectId, appId = "" } = this.tenant.deployer;
    const { tenantId } = this.tenant.azure;
    return { id: `${tenantId}-${appId}-${objectId}`, clientId: appId, objectId, tenantId };
  }

  private inTransaction<Result>(work: () => Result): Result {
    return this.tenant.azure.store.transaction(work);
  }
}

function typeOf(token: string): DirectoryType {
  const type = types.find((candidate) => candidate.token === token);
  if (!type) throw unknownType(token);
  return type;
}
