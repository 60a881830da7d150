import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { JudgedResource, SourceLine } from "../report/finding.ts";

/** One resource in the state of a stack, as `pulumi stack export` writes it. */
export interface StateResource {
  urn: string;
  /** Type token; components, providers and the stack are resources too. */
  type: string;
  /** Whether a provider manages the resource. Components have no provider. */
  custom?: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  /** Options that the state records. */
  protect?: boolean;
  retainOnDelete?: boolean;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  aliases?: string[];
  deletedWith?: string;
  additionalSecretOutputs?: string[];
  customTimeouts?: Record<string, number>;
  importID?: string;
  resourceHooks?: Record<string, string[]>;
  stackTrace?: { sourcePosition?: string }[];
}

/** The state of a deployed stack. */
export interface StackState {
  deployment: { resources?: StateResource[] };
}

/** Type of the resource that stands for the stack. Its outputs are the stack's outputs. */
export const stackType = "pulumi:pulumi:Stack";

/** The name of a resource in the program: the last part of its URN. */
export const logicalName = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** The type token in a URN, without the types of its parents. */
export const typeOfUrn = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** A resource as findings name it. */
export const toJudgedResource = (urn: string): JudgedResource => ({
  name: logicalName(urn),
  urn,
  type: typeOfUrn(urn),
});

/** The resources that a provider manages, without providers. */
export const managedResources = (state: StackState): StateResource[] =>
  (state.deployment.resources ?? []).filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));

/**
 * The lines of the program that declared a resource: the constructor's call first, index.ts last.
 * @param roots Folders of the program. A resource that an update did not reach has the lines of the base's program.
 */
export function sourceLinesOf(resource: StateResource | undefined, roots: string[]): SourceLine[] {
  const positions = (resource?.stackTrace ?? []).flatMap(({ sourcePosition }) => sourcePosition ?? []);
  const lines = (root: string) => positions.flatMap((position) => toSourceLine(position, root) ?? []);
  return roots.map(lines).find(({ length }) => length > 0) ?? [];
}

/**
 * The SDK writes project:///components/x.ts#48,17 with a line and a column. For ES modules, whose stack traces have
 * URLs, it writes project:///file:/folder/components/x.ts#48,17.
 */
function toSourceLine(position: string, root: string): SourceLine | undefined {
  const [, path, line] = /^project:\/\/\/(.*)#(\d+)(?:,\d+)?$/.exec(position) ?? [];
  if (!path || !line) return undefined;
  const [, absolute] = /^file:\/*(.*)$/.exec(path) ?? [];
  const file = absolute
    ? relative(root, fileURLToPath(`file:///${absolute}`))
        .split(sep)
        .join("/")
    : path;
  const isOfProgram = !file.startsWith("..") && !file.includes("node_modules/");
  return isOfProgram ? { file: decodeURI(file), line: Number(line) } : undefined;
}
