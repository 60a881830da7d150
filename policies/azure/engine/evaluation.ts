import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { DeclaredOptions, DeclaredProvider, DeclaredResource, UnknownReads } from "./rule.ts";
import { isProgramType, withoutVersion } from "./type-tokens.ts";
import { type Properties, toPlainValue } from "./value.ts";

/**
 * What the engine has sent in one preview or update. It sends each resource on its own, with its inputs, and all of
 * them at the end, with their outputs: there, Azure's own properties have replaced some inputs. Rules are about
 * inputs, so the inputs are kept until the end.
 */
export class Evaluation {
  private readonly inputs = new Map<string, Properties>();
  private readonly excluded = new Set<string>();
  private unknownReads: UnknownReads = new Map();
  private stack: DeclaredResource[] | undefined;
  private readonly stackReaders = new Set<string>();
  /** What rules read of the properties that the SDK has passed. It may pass the same ones to several rules. */
  private readonly readResources = new WeakMap<object, DeclaredResource>();
  private readonly isAllowedType: (type: string) => boolean;

  constructor(isAllowedType: (type: string) => boolean) {
    this.isAllowedType = isAllowedType;
  }

  /** Reads a resource that the engine sends on its own. Its dependencies are not known then. */
  readResource(args: ResourceValidationArgs): DeclaredResource {
    const known = this.readResources.get(args.props);
    // Tests that call a rule directly may pass the same properties for several resources, or with other options.
    if (known?.urn === args.urn) return { ...known, options: readOptions(args.opts) };
    const resource = this.convertResource(args);
    this.readResources.set(args.props, resource);
    return resource;
  }

  private convertResource({
    type,
    name,
    urn,
    props,
    opts,
    provider,
  }: ResourceValidationArgs): DeclaredResource {
    const properties = this.readProperties(type, name, props);
    const isExcluded = this.isProviderResource(type) && Object.keys(properties).length === 0;
    this.excluded[isExcluded ? "add" : "delete"](urn);
    this.inputs.set(urn, properties);
    return {
      type: withoutVersion(type),
      name,
      urn,
      properties,
      outputs: {},
      options: readOptions(opts),
      provider: readProvider(provider),
      isExcluded,
      dependenciesOf: () => [],
    };
  }

  /**
   * Reads the declared resources of the stack. The engine sends the same resources to each rule in turn, so they are
   * converted once. A rule that asks again begins the next preview or update.
   */
  readStack(ruleId: string, resources: PolicyResource[]): DeclaredResource[] {
    if (this.stackReaders.has(ruleId)) {
      this.stackReaders.clear();
      this.stack = undefined;
    }
    this.stackReaders.add(ruleId);
    this.stack ??= resources
      .filter(({ urn }) => this.isDeclared(urn))
      .map((resource) => this.readStackResource(resource));
    return this.stack;
  }

  private readStackResource(resource: PolicyResource): DeclaredResource {
    const { type, name, urn, props, opts, provider, propertyDependencies } = resource;
    const inputs = isProgramType(type) ? undefined : this.inputs.get(urn);
    return {
      type: withoutVersion(type),
      name,
      urn,
      properties: inputs ?? this.readProperties(type, name, props),
      // A rule that finds an output unknown falls back to the dependencies, which are known.
      outputs: toPlainValue(props),
      options: readOptions(opts),
      provider: readProvider(provider),
      isExcluded: false,
      dependenciesOf: (property) => (propertyDependencies[property] ?? []).map((source) => source.urn),
    };
  }

  /** Whether `--target` excludes a resource that is not deployed yet: there is no whole stack to check. */
  get isPartial(): boolean {
    return this.excluded.size > 0;
  }

  /**
   * Whether the program declares the resource. Some engine versions also send resources that the program only reads
   * (`.get`, a stack reference). These do not belong to the stack.
   */
  private isDeclared(urn: string): boolean {
    return this.inputs.has(urn);
  }

  /** Whether rules have read an unknown value of the resources with a name, since the last call of takeUnknownReads. */
  hasUnknownReads(name: string): boolean {
    return [...this.unknownReads.values()].some((names) => names.has(name));
  }

  /** Returns the unknown values that rules have read, and forgets them. */
  takeUnknownReads(): UnknownReads {
    const taken = this.unknownReads;
    this.unknownReads = new Map();
    return taken;
  }

  private readProperties(type: string, name: string, props: object): Properties {
    return toPlainValue(props, (path) => {
      const key = isProgramType(type) ? "outputs" : path;
      this.unknownReads.set(key, (this.unknownReads.get(key) ?? new Set()).add(name));
    });
  }

  /** Components and providers may have no property at all, and other types are refused in any case. */
  private isProviderResource(type: string): boolean {
    return this.isAllowedType(withoutVersion(type)) && !type.startsWith("pulumi:");
  }
}

const readOptions = ({
  protect,
  ignoreChanges,
  aliases,
}: ResourceValidationArgs["opts"]): DeclaredOptions => ({
  protect,
  ignoreChanges,
  aliases,
});

const readProvider = (provider: ResourceValidationArgs["provider"]): DeclaredProvider | undefined =>
  provider && { name: provider.name, type: provider.type, properties: toPlainValue(provider.props) };
