import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

const require = createRequire(import.meta.url);
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");

/** A resource as the engine shows it to a policy pack. */
export interface Shown {
  type: string;
  name: string;
  urn: string;
  properties: Record<string, unknown>;
  /** What came of it, which is shown with the stack as a whole. Default: what was asked for. */
  outputs?: Record<string, unknown>;
  /** URNs by property. */
  dependencies: Record<string, string[]>;
  /** Whether the program reads it, and does not declare it: an engine shows it with the stack, or not at all. */
  isRead?: boolean;
}

/** What the pack found wrong. */
export interface Violation {
  rule: string;
  level: "mandatory" | "advisory" | "other";
  urn: string;
  message: string;
}

/** The running policy pack, spoken to as the engine does. */
export interface Pack {
  /** Everything that is wrong with these resources, one by one and as a stack; reminders are left out. */
  judge(resources: Shown[]): Promise<Violation[]>;
  close(): Promise<void>;
}

/** Starts the pack with Pulumi's own runner. */
export async function startPack(): Promise<Pack> {
  const folder = resolve("policies");
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [runner, "127.0.0.1:0", folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = new AnalyzerClient(`127.0.0.1:${port.trim()}`, grpc.credentials.createInsecure());
  // biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
  const call = (method: string, request: any): Promise<any> =>
    new Promise((done, fail) =>
      client[method](request, (error: Error | null, response: unknown) =>
        error ? fail(error) : done(response),
      ),
    );

  return {
    async judge(resources) {
      const found: Violation[] = [];
      for (const resource of resources.filter(({ isRead }) => !isRead)) {
        const request = fill(new messages.AnalyzeRequest(), resource);
        found.push(...violations(await call("analyze", request), resource.urn));
      }
      const request = new messages.AnalyzeStackRequest();
      request.setResourcesList(
        resources.map((resource) => {
          const properties = resource.outputs ?? resource.properties;
          const shown = fill(new messages.AnalyzerResource(), { ...resource, properties });
          for (const [property, urns] of Object.entries(resource.dependencies)) {
            const dependencies = new messages.AnalyzerPropertyDependencies();
            dependencies.setUrnsList(urns);
            shown.getPropertydependenciesMap().set(property, dependencies);
          }
          return shown;
        }),
      );
      found.push(...violations(await call("analyzeStack", request)));
      return found.filter(({ rule }) => rule !== "waivers-are-reviewed");
    },
    async close() {
      client.close();
      child.kill();
      await once(child, "exit");
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function fill(message: any, resource: Shown): any {
  message.setType(resource.type);
  message.setName(resource.name);
  message.setUrn(resource.urn);
  const options = new messages.AnalyzerResourceOptions();
  options.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
  message.setOptions(options);
  message.setProperties(
    Struct.fromJavaScript(resource.properties as Parameters<typeof Struct.fromJavaScript>[0]),
  );
  return message;
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
function violations(response: any, urn?: string): Violation[] {
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
