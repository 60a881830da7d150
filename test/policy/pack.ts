import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { isStackRule } from "../../policies/azure/engine/rule.ts";
import { rules } from "../../policies/rules.ts";

const require = createRequire(import.meta.url);
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");

/** A resource as the engine sends it to a policy pack. */
export interface EngineResource {
  type: string;
  name: string;
  urn: string;
  /** Inputs. */
  properties: Record<string, unknown>;
  /** Outputs, which the engine sends with the stack as a whole. Default: the inputs. */
  outputs?: Record<string, unknown>;
  /** Whether Pulumi refuses to delete it. Default: false. */
  protect?: boolean;
  /** Paths of the inputs whose changes Pulumi ignores. Default: none. */
  ignoreChanges?: string[];
  /** URNs under which it is also searched in the state. Default: none. */
  aliases?: string[];
  /** Options that the state records and that the engine does not send. Default: none. */
  recordedOptions?: Record<string, unknown>;
  /** Its provider, with its settings. Default: not sent. */
  provider?: { name: string; type: string; properties: Record<string, unknown> };
  /** URNs of the resources on which each property depends. */
  dependencies: Record<string, string[]>;
  /** Whether the program only reads it. Some engine versions send such a resource with the stack as a whole. */
  isRead?: boolean;
}

/** A violation as the engine receives it. */
export interface Diagnostic {
  rule: string;
  level: "mandatory" | "advisory" | "other";
  urn: string;
  message: string;
}

/** What the pack tells the engine about a rule. */
export interface RuleInfo {
  name: string;
  description: string;
  severity: "low" | "medium" | "high" | "critical" | undefined;
  remedy: string;
  tags: string[];
  url: string;
}

/** The policy pack in a process of its own, which a client calls as the engine does. */
export interface RunningPack {
  /** Sends the resources one by one, and then as a stack. Returns all violations, expired waivers excepted. */
  analyze(resources: EngineResource[]): Promise<Diagnostic[]>;
  /**
   * Sends the resources one by one. Returns the violations of resource rules. A resource that has not changed since
   * the last call is not sent again: resource rules depend on one resource only, so its violations are the same.
   * Resources with unknown values are always sent, because the pack counts what is unknown.
   */
  analyzeResources(resources: EngineResource[]): Promise<Diagnostic[]>;
  /**
   * Sends the resources as `analyze` does, and returns the violations of one rule. Of the rules that check the stack
   * only this one runs, which saves time.
   */
  analyzeByRule(ruleId: string, resources: EngineResource[]): Promise<Diagnostic[]>;
  describeRules(): Promise<RuleInfo[]>;
  close(): Promise<void>;
}

/** What the SDK sends in a preview in place of a text that is not known yet. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const stackRuleIds = rules.filter(isStackRule).map(({ id }) => id);

/** The first rule begins the evaluation of the stack, and the other forgets which unknown values the rules have read. */
const alwaysNeeded = [stackRuleIds[0], "stack-preview-unknown-values"];

/** Starts the pack with Pulumi's own runner, and with the `nodeargs` of policies/PulumiPolicy.yaml. */
export async function startPack(): Promise<RunningPack> {
  const folder = resolve("policies");
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const nodeArguments = ["--require=@terminal-fleet/pulumi-cli/before-program.cjs"];
  const child = spawn(process.execPath, [...nodeArguments, runner, "127.0.0.1:0", folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = new AnalyzerClient(`127.0.0.1:${port.trim()}`, grpc.credentials.createInsecure());
  // biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
  const call = (method: string, request: any): Promise<any> =>
    new Promise((resolve, reject) =>
      client[method](request, (error: Error | null, response: unknown) =>
        error ? reject(error) : resolve(response),
      ),
    );
  const lastAnalyses = new Map<string, { content: string; diagnostics: Diagnostic[] }>();

  async function analyzeResource(resource: EngineResource): Promise<Diagnostic[]> {
    const last = lastAnalyses.get(resource.urn);
    const content = contentOf(resource);
    if (last?.content === content && !content.includes(unknownText)) return last.diagnostics;
    const response = await call("analyze", fillMessage(new messages.AnalyzeRequest(), resource));
    const diagnostics = readDiagnostics(response, resource.urn);
    lastAnalyses.set(resource.urn, { content, diagnostics });
    return diagnostics;
  }

  async function analyzeResources(resources: EngineResource[]): Promise<Diagnostic[]> {
    const diagnostics: Diagnostic[] = [];
    for (const resource of resources.filter(({ isRead }) => !isRead)) {
      diagnostics.push(...(await analyzeResource(resource)));
    }
    return diagnostics;
  }

  let skipped = new Set<string>();
  /** Disables rules as the settings of a policy pack do, and enables all others. */
  async function skipRules(ruleIds: string[]): Promise<void> {
    if (skipped.symmetricDifference(new Set(ruleIds)).size === 0) return;
    const request = new messages.ConfigureAnalyzerRequest();
    for (const id of ruleIds) {
      const config = new messages.PolicyConfig();
      config.setEnforcementlevel(messages.EnforcementLevel.DISABLED);
      config.setProperties(toStruct({}));
      request.getPolicyconfigMap().set(id, config);
    }
    await call("configure", request);
    skipped = new Set(ruleIds);
  }

  async function analyzeStack(resources: EngineResource[]): Promise<Diagnostic[]> {
    const request = new messages.AnalyzeStackRequest();
    request.setResourcesList(resources.map(toStackResource));
    return readDiagnostics(await call("analyzeStack", request));
  }

  return {
    async analyze(resources) {
      await skipRules([]);
      const diagnostics = [...(await analyzeResources(resources)), ...(await analyzeStack(resources))];
      return diagnostics.filter(({ rule }) => rule !== "stack-waiver-review");
    },
    analyzeResources,
    async analyzeByRule(ruleId, resources) {
      const diagnostics = await analyzeResources(resources);
      if (stackRuleIds.includes(ruleId)) {
        const needed = [...alwaysNeeded, ruleId];
        await skipRules(stackRuleIds.filter((id) => !needed.includes(id)));
        diagnostics.push(...(await analyzeStack(resources)));
      }
      return diagnostics.filter(({ rule }) => rule === ruleId);
    },
    async describeRules() {
      const response = await call("getAnalyzerInfo", new Empty());
      return response.getPoliciesList().map(readRuleInfo);
    },
    async close() {
      client.close();
      child.kill();
      await once(child, "exit");
    },
  };
}

const contents = new WeakMap<EngineResource, string>();

/** What the engine sends of a resource on its own, as a text. */
function contentOf(resource: EngineResource): string {
  const known = contents.get(resource);
  if (known) return known;
  const { outputs, dependencies, recordedOptions, ...sent } = resource;
  const content = JSON.stringify(sent);
  contents.set(resource, content);
  return content;
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
const stackResources = new WeakMap<EngineResource, any>();

/** Converts a resource once: most changes of the fleet share most resources. */
// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function toStackResource(resource: EngineResource): any {
  const converted = stackResources.get(resource);
  if (converted) return converted;
  const properties = resource.outputs ?? resource.properties;
  const message = fillMessage(new messages.AnalyzerResource(), { ...resource, properties });
  for (const [property, urns] of Object.entries(resource.dependencies)) {
    const dependencies = new messages.AnalyzerPropertyDependencies();
    dependencies.setUrnsList(urns);
    message.getPropertydependenciesMap().set(property, dependencies);
  }
  stackResources.set(resource, message);
  return message;
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function fillMessage(message: any, resource: EngineResource): any {
  message.setType(resource.type);
  message.setName(resource.name);
  message.setUrn(resource.urn);
  const options = new messages.AnalyzerResourceOptions();
  options.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
  options.setProtect(resource.protect ?? false);
  options.setIgnorechangesList(resource.ignoreChanges ?? []);
  options.setAliasesList(resource.aliases ?? []);
  message.setOptions(options);
  message.setProperties(toStruct(resource.properties));
  if (resource.provider) {
    const provider = new messages.AnalyzerProviderResource();
    provider.setType(resource.provider.type);
    provider.setName(resource.provider.name);
    provider.setProperties(toStruct(resource.provider.properties));
    message.setProvider(provider);
  }
  return message;
}

const toStruct = (properties: Record<string, unknown>) =>
  structs.Struct.fromJavaScript(properties as Parameters<typeof structs.Struct.fromJavaScript>[0]);

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function readDiagnostics(response: any, urn?: string): Diagnostic[] {
  const levels = {
    [messages.EnforcementLevel.MANDATORY]: "mandatory",
    [messages.EnforcementLevel.ADVISORY]: "advisory",
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return response.getDiagnosticsList().map((diagnostic: any) => ({
    rule: diagnostic.getPolicyname(),
    level: levels[diagnostic.getEnforcementlevel()] ?? "other",
    urn: urn ?? diagnostic.getUrn(),
    message: diagnostic.getMessage(),
  }));
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function readRuleInfo(info: any): RuleInfo {
  const severities = {
    [messages.PolicySeverity.POLICY_SEVERITY_LOW]: "low",
    [messages.PolicySeverity.POLICY_SEVERITY_MEDIUM]: "medium",
    [messages.PolicySeverity.POLICY_SEVERITY_HIGH]: "high",
    [messages.PolicySeverity.POLICY_SEVERITY_CRITICAL]: "critical",
  } as const;
  return {
    name: info.getName(),
    description: info.getDescription(),
    severity: severities[info.getSeverity()],
    remedy: info.getRemediationSteps(),
    tags: info.getTagsList(),
    url: info.getUrl(),
  };
}
