import { readFileSync } from "node:fs";

/*
 * The events that Pulumi's engine writes with --event-log, one JSON document a line.
 * Source: pulumi/sdk/go/common/apitype/events.go.
 */

/** A rule that a resource, or the stack, violates. */
export interface PolicyViolation {
  policyName: string;
  /** Absent for the stack. */
  resourceUrn?: string;
  message: string;
  enforcementLevel: string;
  severity?: string;
}

/** The rules that the engine has run on one resource. */
interface RuleRun {
  resourceUrn?: string;
  passed?: string[];
  failed?: string[];
}

/** A resource's state before or after a step. */
export interface StepState {
  type: string;
  urn: string;
  custom?: boolean;
  protect?: boolean;
  retainOnDelete?: boolean;
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** One step of a deployment. */
export interface Step {
  /** create, update, replace, delete, same, and the steps of a replacement, such as create-replacement. */
  op: string;
  urn: string;
  type: string;
  old: StepState | null;
  new: StepState | null;
}

/** What one deployment did. */
export interface EngineEvents {
  violations: PolicyViolation[];
  /** Rules that ran on each resource, by URN. */
  rulesByResource: Map<string, Set<string>>;
  /** Rules that ran on the stack as a whole; undefined when the deployment ended before. */
  stackRules: Set<string> | undefined;
  /** Number of policy packs that the engine has run. */
  packs: number;
  steps: Step[];
  /** Error messages of the program, the providers and the engine, without control characters of colours. */
  errors: string[];
}

interface EngineEvent {
  policyEvent?: PolicyViolation;
  policyAnalyzeSummaryEvent?: RuleRun;
  policyAnalyzeStackSummaryEvent?: RuleRun;
  resourcePreEvent?: { metadata: Step };
  diagnosticEvent?: { message: string; severity: string; ephemeral?: boolean };
  summaryEvent?: { PolicyPacks?: Record<string, string> };
}

/** Reads an event log. A log that does not exist is a deployment that did not begin. */
export function readEngineEvents(file: string): EngineEvents {
  const events: EngineEvents = {
    violations: [],
    rulesByResource: new Map(),
    stackRules: undefined,
    packs: 0,
    steps: [],
    errors: [],
  };
  for (const line of readLines(file)) addEvent(events, JSON.parse(line) as EngineEvent);
  return events;
}

function addEvent(events: EngineEvents, event: EngineEvent): void {
  if (event.policyEvent) events.violations.push(event.policyEvent);
  const run = event.policyAnalyzeSummaryEvent;
  if (run?.resourceUrn) {
    const known = events.rulesByResource.get(run.resourceUrn) ?? new Set();
    events.rulesByResource.set(run.resourceUrn, known.union(rulesOf(run)));
  }
  const stackRun = event.policyAnalyzeStackSummaryEvent;
  if (stackRun) events.stackRules = (events.stackRules ?? new Set()).union(rulesOf(stackRun));
  if (event.resourcePreEvent) events.steps.push(event.resourcePreEvent.metadata);
  if (event.diagnosticEvent?.severity === "error") {
    events.errors.push(withoutColours(event.diagnosticEvent.message));
  }
  events.packs = Object.keys(event.summaryEvent?.PolicyPacks ?? {}).length || events.packs;
}

const rulesOf = ({ passed = [], failed = [] }: RuleRun) => new Set([...passed, ...failed]);

/** The engine marks colours as <{%fg 1%}>. */
const withoutColours = (text: string): string => text.replaceAll(/<\{%.*?%\}>/g, "").trim();

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
