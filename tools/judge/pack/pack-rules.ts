import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import type { Finding, Severity } from "../report/finding.ts";
import type { JudgeScore } from "../report/report.ts";

const require = createRequire(import.meta.url);
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");

/** A rule as the pack describes it to the engine. */
export interface PackRule {
  name: string;
  /** Only a mandatory rule refuses a deployment. */
  level: "mandatory" | "advisory" | "disabled" | "remediate";
  severity: Severity;
  description: string;
  remedy: string;
  url: string;
}

/** A pack's name, its version and its rules. */
export interface PackDescription {
  name: string;
  version: string;
  rules: PackRule[];
}

/** The `nodeargs` of policies/PulumiPolicy.yaml, with which the engine starts a pack. */
const nodeArguments = ["--require=@terminal-fleet/pulumi-cli/before-program.cjs"];

/** Time in milliseconds for a pack to start and to describe its rules. */
const startMs = 60_000;

/**
 * Starts a policy pack with Pulumi's runner, asks it for its rules as the engine does, and ends it.
 * @param root Folder of the program. The pack is in its folder `policies`.
 * @throws Error when the pack does not start.
 */
export async function describePack(root: string, env: Record<string, string>): Promise<PackDescription> {
  const folder = join(root, "policies");
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [root] });
  const child = spawn(process.execPath, [...nodeArguments, runner, "127.0.0.1:0", folder], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => (errors += data));
  const ended = once(child, "close");
  const timer = setTimeout(() => child.kill(), startMs);
  try {
    const line = once(createInterface(child.stdout), "line");
    const first = await Promise.race([line, ended.then(() => undefined)]);
    if (!first) throw new Error(`The policy pack in ${folder} does not start: ${errors.trim()}`);
    return await askForRules(`127.0.0.1:${String(first[0]).trim()}`);
  } finally {
    clearTimeout(timer);
    child.kill();
    await ended;
  }
}

async function askForRules(address: string): Promise<PackDescription> {
  const client = new AnalyzerClient(address, grpc.credentials.createInsecure());
  try {
    const response = await new Promise<Message>((resolve, reject) =>
      client.getAnalyzerInfo(new Empty(), (error: Error | null, answer: Message) =>
        error ? reject(error) : resolve(answer),
      ),
    );
    return {
      name: response.getName(),
      version: response.getVersion(),
      rules: response.getPoliciesList().map(toRule),
    };
  } finally {
    client.close();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Message = any;

function toRule(policy: Message): PackRule {
  const { EnforcementLevel, PolicySeverity } = messages;
  const levels: Record<number, PackRule["level"]> = {
    [EnforcementLevel.MANDATORY]: "mandatory",
    [EnforcementLevel.ADVISORY]: "advisory",
    [EnforcementLevel.DISABLED]: "disabled",
    [EnforcementLevel.REMEDIATE]: "remediate",
  };
  const severities: Record<number, Severity> = {
    [PolicySeverity.POLICY_SEVERITY_LOW]: "low",
    [PolicySeverity.POLICY_SEVERITY_MEDIUM]: "medium",
    [PolicySeverity.POLICY_SEVERITY_HIGH]: "high",
    [PolicySeverity.POLICY_SEVERITY_CRITICAL]: "critical",
  };
  return {
    name: policy.getName(),
    level: levels[policy.getEnforcementlevel()] ?? "disabled",
    severity: severities[policy.getSeverity()] ?? "high",
    description: policy.getDescription(),
    remedy: policy.getRemediationSteps(),
    url: policy.getUrl(),
  };
}

/** A rule counts once, whatever it finds in how many environments. */
export function packScore({ name, version, rules }: PackDescription, findings: Finding[]): JudgeScore {
  const own = findings.filter(({ judge }) => judge === "policy pack");
  const rulesWith = (level: string) =>
    new Set(own.filter((finding) => finding.level === level).map(({ rule }) => rule)).size;
  const [failed, waived] = [rulesWith("failure"), rulesWith("waived")];
  return {
    name: `policy pack ${name}`,
    version,
    rules: rules.length,
    passed: rules.length - new Set(own.map(({ rule }) => rule)).size,
    failed,
    waived,
  };
}
