import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { OperatorError } from "@terminal-fleet/cli/azure-access";
import { prepareStack, toArmResource } from "@terminal-fleet/sandbox/in-process";
import { z } from "zod";
import { failureLines, runPulumi } from "./run-pulumi.ts";

/** A resource of the program, as Azure Resource Manager would receive it, as far as a preview knows it. */
export interface DeclaredResource {
  /** Name of the resource in the program. */
  label: string;
  /** For example Microsoft.Storage/storageAccounts. Resource groups have the name of Azure's operations. */
  type: string;
  apiVersion: string;
  /** Undefined when the name is not known yet. */
  name: string | undefined;
  /** The body of the PUT. */
  body: {
    location?: string;
    tags?: Record<string, string>;
    kind?: string;
    sku?: { name?: string };
    identity?: Record<string, unknown>;
    properties: Record<string, unknown>;
  };
}

/** What a first deployment of the program would declare. */
export interface Declaration {
  /** The stack's settings by key, without the project's name. */
  settings: Record<string, string>;
  /** ID of the subscription of the deployer's sign-in. */
  subscriptionId: string;
  /** The resources of Azure Resource Manager. */
  resources: DeclaredResource[];
  /** Display names of the groups in Entra ID. */
  groupNames: string[];
  /** Pulumi types whose resources the check does not know. */
  unknownTypes: string[];
}

const preview = z.object({
  config: z.record(z.string(), z.unknown()).default({}),
  steps: z.array(
    z.object({
      newState: z
        .object({ urn: z.string(), type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() })
        .optional(),
    }),
  ),
});

/** The value that a preview shows for what is known after the deployment only (`UNKNOWN` of Pulumi's engine). */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Previews the program with the settings of a stack, as its first deployment: with an empty state in a temporary folder.
 * So it needs no login to a backend and no stack, and changes neither.
 * @param options.stack Name of the stack, without an organisation.
 * @param options.settings Path of its settings.
 * @param options.root Folder of the project.
 * @throws OperatorError with Pulumi's reason when the program cannot be previewed.
 */
export async function readDeclaration(options: {
  stack: string;
  settings: string;
  root: string;
  signal: AbortSignal;
}): Promise<Declaration> {
  const folder = mkdtempSync(join(tmpdir(), "terminal-fleet-preflight-"));
  try {
    const backend = join(folder, "backend");
    mkdirSync(backend);
    const env = {
      PULUMI_BACKEND_URL: pathToFileURL(backend).href,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    };
    const { stack, settings } = options;
    const configFile = await prepareStack(env, { stack, settings, dir: folder });
    const args = ["preview", "--json", "--stack", stack, "--config-file", configFile];
    const output = await runPulumi(args, { env, cwd: options.root, signal: options.signal });
    if (output.code !== 0) throw notPreviewed(failureLines(output));
    return parsePreview(output.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parsePreview(text: string): Declaration {
  const { config, steps } = preview.parse(JSON.parse(text));
  const resources: DeclaredResource[] = [];
  const groupNames: string[] = [];
  const unknownTypes = new Set<string>();
  let subscriptionId: string | undefined;
  for (const { newState } of steps) {
    if (!newState?.inputs) continue;
    const { type, inputs, urn } = newState;
    if (type === "azuread:index/group:Group" && typeof inputs.displayName === "string") {
      groupNames.push(inputs.displayName);
    }
    if (!type.startsWith("azure-native:")) continue;
    subscriptionId ??= /\/subscriptions\/([0-9a-f-]{36})\//i.exec(JSON.stringify(inputs))?.[1];
    try {
      resources.push({ label: urn.split("::").at(-1) as string, ...toDeclared(type, inputs) });
    } catch {
      unknownTypes.add(type);
    }
  }
  if (!subscriptionId) throw notPreviewed(["It declares no role, so its subscription is not known."]);
  const settings = Object.entries(config).map(([key, value]) => [key.split(":").at(-1), String(value)]);
  return {
    settings: Object.fromEntries(settings),
    subscriptionId,
    resources,
    groupNames,
    unknownTypes: [...unknownTypes],
  };
}

/** @throws Error when the sandbox, which has the mapping of Pulumi's types, does not know the type. */
function toDeclared(token: string, inputs: Record<string, unknown>): Omit<DeclaredResource, "label"> {
  // The subscription and unknown names are part of the ID only, which is not used.
  const { id, type, apiVersion, location, tags, sku, kind, identity, properties } = toArmResource(
    token,
    inputs,
    "",
  );
  const name = id.split("/").at(-1) as string;
  return {
    type:
      type === "Microsoft.Resources/resourceGroups"
        ? "Microsoft.Resources/subscriptions/resourceGroups"
        : type,
    apiVersion,
    name: isUnknown(name) ? undefined : name,
    body: withoutUnknown({ location, tags, sku, kind, identity, properties }) as DeclaredResource["body"],
  };
}

/** A copy without the members that are known after the deployment only. */
function withoutUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => !isUnknown(each)).map(withoutUnknown);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined && !isUnknown(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, withoutUnknown(each)]));
}

function isUnknown(value: unknown): boolean {
  return typeof value === "string" && value.includes(unknownValue);
}

function notPreviewed(reasons: string[]): OperatorError {
  const lines = [
    "the program cannot be previewed, so nothing was checked:",
    ...reasons.map((line) => `  ${line}`),
  ];
  return new OperatorError("usage", lines, {
    remedy: "Correct the settings of the stack or the sign-in, and run this again.",
  });
}
