/** A property value as Pulumi's engine sends it: JSON, in which unknown values are sentinels (see wire.ts). */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** The inputs or the outputs of one resource, by the SDK's names. */
export type Properties = { [name: string]: Value };

/** One resource of a program. */
export interface Target {
  /** Type token, for example azure-native:storage:StorageAccount. */
  token: string;
  /** The name it has in the program. */
  name: string;
}

export interface CheckRequest extends Target {
  /** The inputs of the last deployment; empty for a new resource. */
  olds: Properties;
  news: Properties;
  /** Where names with a random suffix come from, so that the engine can repeat itself; empty when it does not care. */
  seed: Uint8Array;
}

/** One changed input: where, how, and whether it needs another resource in its place. */
export interface Change {
  kind: "add" | "delete" | "update";
  replace: boolean;
}

export interface Difference {
  /** By property path, for example sku.name or logs[0].enabled; empty when nothing changes. */
  changes: Map<string, Change>;
  /** Whether a replacement can only be made once the old resource is gone. */
  deleteBeforeReplace: boolean;
}

/** A resource as the engine keeps it in the stack's state. */
export interface State {
  id: string;
  outputs: Properties;
}

/** A Pulumi resource provider, free of its wire format. Every method throws to refuse. */
export interface Provider {
  /** The npm package of its SDK, whose version it answers with. */
  package: string;
  /** Takes the provider's own settings, from the stack's configuration. */
  configure(settings: Record<string, string>): void;
  /** @returns The inputs with defaults filled in, and what is wrong with them in words. */
  check(request: CheckRequest): Promise<{ inputs: Properties; failures: string[] }>;
  diff(target: Target, olds: { inputs: Properties; outputs: Properties }, news: Properties): Difference;
  /** Outputs before the resource exists: what only the service knows is unknown. */
  preview(target: Target, inputs: Properties, olds?: Properties): Properties;
  create(target: Target, inputs: Properties): Promise<State>;
  update(
    target: Target,
    id: string,
    olds: { inputs: Properties; outputs: Properties },
    news: Properties,
  ): Promise<Properties>;
  /**
   * Refreshes or imports (then without `olds`).
   * @returns undefined when it is gone.
   */
  read(
    target: Target,
    id: string,
    olds: { inputs: Properties; outputs: Properties } | undefined,
  ): Promise<(State & { inputs: Properties }) | undefined>;
  delete(target: Target, id: string, olds: Properties): Promise<void>;
  invoke(token: string, args: Properties): Promise<Properties>;
}

/** The error for a type token that a provider does not know. */
export function unknownType(token: string): Error {
  return new Error(`The sandbox does not know the resource type ${token}.`);
}

/** The error for a function that a provider does not know. */
export function unknownFunction(token: string): Error {
  return new Error(`The sandbox does not know the function ${token}.`);
}

/** @throws when a stack's configuration names another tenant or subscription than the sandbox's. */
export function requireSame(setting: string, given: string | undefined, sandbox: string): void {
  if (!given || given === sandbox) return;
  throw new Error(`${setting} is ${given}, but the sandbox's is ${sandbox}: leave the setting out here.`);
}
