/** A property value as Pulumi's engine sends it: JSON, in which unknown values are special strings (see wire.ts). */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** The inputs or outputs of a resource, by the SDK's names. */
export type Properties = { [name: string]: Value };

/** One resource of a program. */
export interface Target {
  /** Type token, for example azure-native:storage:StorageAccount. */
  token: string;
  /** Its logical name in the program. */
  name: string;
}

export interface CheckRequest extends Target {
  /** The inputs of the last deployment; empty for a new resource. */
  olds: Properties;
  news: Properties;
  /** The seed of generated names, with which the engine gets the same name again; empty for a random name. */
  seed: Uint8Array;
}

/** A changed input. `replace` says that the change replaces the resource. */
export interface Change {
  kind: "add" | "delete" | "update";
  replace: boolean;
}

export interface Difference {
  /** By property path, for example sku.name or logs[0].enabled; empty when nothing changes. */
  changes: Map<string, Change>;
  /** Whether the old resource must be deleted before its replacement is created. */
  deleteBeforeReplace: boolean;
}

/** A resource in the stack's state. */
export interface State {
  id: string;
  outputs: Properties;
}

/** A Pulumi resource provider, independent of the wire format. Its methods throw an error for a refusal. */
export interface Provider {
  /** The npm package of its SDK. The provider reports the package's version as its own. */
  package: string;
  /** Sets the provider's settings of the stack's configuration. */
  configure(settings: Record<string, string>): void;
  /** @returns The inputs with defaults, and a message for each problem. */
  check(request: CheckRequest): Promise<{ inputs: Properties; failures: string[] }>;
  diff(target: Target, olds: { inputs: Properties; outputs: Properties }, news: Properties): Difference;
  /** @returns The outputs in a preview: those that the service sets are unknown. */
  preview(target: Target, inputs: Properties, olds?: Properties): Properties;
  create(target: Target, inputs: Properties): Promise<State>;
  update(
    target: Target,
    id: string,
    olds: { inputs: Properties; outputs: Properties },
    news: Properties,
  ): Promise<Properties>;
  /**
   * Reads a resource for a refresh, or for an import (without `olds`).
   * @returns Undefined when the resource does not exist.
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

/** @throws Error when the stack's configuration has another tenant or subscription than the sandbox. */
export function requireSame(setting: string, configured: string | undefined, sandbox: string): void {
  if (!configured || configured === sandbox) return;
  throw new Error(
    `${setting} is ${configured}, but the sandbox has ${sandbox}. Remove the setting from the stack's configuration.`,
  );
}
