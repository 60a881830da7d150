import { readFileSync } from "node:fs";
import { z } from "zod";
import type { CheckResult } from "../runner.ts";
import type { Target } from "../targets/target.ts";

/** The name of the format. A change that readers would notice raises the version. */
const schemaName = "terminal-fleet/conformance-transcript";
const version = 1;

const observation = z.object({
  what: z.string(),
  observed: z.unknown(),
  expected: z.unknown(),
  ok: z.boolean(),
});

const transcriptSchema = z.object({
  schema: z.literal(schemaName),
  version: z.literal(version),
  target: z.enum(["sandbox", "azure"]),
  region: z.string(),
  /** ISO 8601, by the computer's clock. */
  startedAt: z.string(),
  endedAt: z.string(),
  /** False when the run was interrupted. */
  isComplete: z.boolean(),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      source: z.string(),
      verdict: z.enum(["passed", "failed", "unknown"]),
      observations: z.array(observation),
      measurements: z.array(z.object({ what: z.string(), seconds: z.number() })),
      reason: z.string().optional(),
      seconds: z.number(),
    }),
  ),
});

/** The record of a run. It holds no ID of a subscription, tenant or resource. */
export type Transcript = z.infer<typeof transcriptSchema>;

export function createTranscript(
  target: Pick<Target, "name" | "region">,
  results: CheckResult[],
  { startedAt, isComplete }: { startedAt: Date; isComplete: boolean },
): Transcript {
  return {
    schema: schemaName,
    version,
    target: target.name,
    region: target.region,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    isComplete,
    checks: results,
  };
}

/** Reads a transcript. @throws Error that names the file when it is no transcript of this version. */
export function readTranscript(file: string): Transcript {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} cannot be read as a transcript: ${(error as Error).message}`);
  }
  const parsed = transcriptSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `${file} is no transcript of version ${version}: ${issue?.path.join(".") || "the file"}: ${issue?.message}`,
  );
}
