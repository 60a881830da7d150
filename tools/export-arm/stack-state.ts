/** One resource in the state of a stack, as `pulumi stack export` writes it. */
export interface StateResource {
  urn: string;
  /** Type token; components, providers and the stack are resources too. */
  type: string;
  /** Whether a provider manages the resource. Components have no provider. */
  custom?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** URNs of the resources on which it depends. */
  dependencies?: string[];
}

/** The state of a deployed stack. */
export interface StackState {
  deployment: { resources?: StateResource[] };
}

/** The name of a resource in the program: the last part of its URN. */
export const logicalName = (urn: string): string => urn.split("::").at(-1)!;

/** Whether a resource becomes a resource of the template: one of azure-native, and no provider. */
export const isAzureResource = ({ type, custom }: StateResource): boolean =>
  custom === true && type.startsWith("azure-native:");

/** The key by which Pulumi marks an encrypted value or an asset in a state. */
const signature = "4dabf18193072939515e22adb298388d";
/** The value of that key for an encrypted value. */
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Whether a value in a state is a secret, encrypted or not. */
export const isSecret = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (value as Record<string, unknown>)[signature] === secretSignature;
