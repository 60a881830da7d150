import type { MessagePart } from "../expressions/types.ts";
import type { Section } from "../gateway/exchange.ts";
import {
  DocumentError,
  type PolicyElement,
  type PolicyFormat,
  type PolicyProblem,
  parseDocument,
} from "./document.ts";
import { policies } from "./policies.ts";
import { ElementReader, problemAt, type Reading } from "./reader.ts";
import { forward } from "./routing-policies.ts";
import type { ReadSteps, Step } from "./step.ts";

/** A compiled API policy. */
export interface CompiledPolicy {
  sections: Record<Section, Step[]>;
  touches: ReadonlySet<MessagePart>;
}

/** Entities of the service that a policy can refer to. */
export type References = Pick<Reading, "tier" | "namedValue" | "hasBackend">;

const order: Section[] = ["inbound", "backend", "outbound", "on-error"];

/** The parent of an API's policy: the default global policy of every service. */
const base: Record<Section, Step[]> = {
  inbound: [],
  backend: [
    {
      source: "forward-request",
      path: "forward-request[1]",
      policyId: undefined,
      run: async (exchange) => {
        await forward(exchange, 300);
        return undefined;
      },
    },
  ],
  outbound: [],
  "on-error": [],
};

/** The policy of an API without a policy of its own. */
export const defaultPolicy: CompiledPolicy = { sections: base, touches: new Set() };

/**
 * Compiles a policy document.
 * @returns All problems, and the policy, which may run only without problems.
 */
export function compilePolicy(
  xml: string,
  format: PolicyFormat,
  references: References,
): { policy: CompiledPolicy; problems: PolicyProblem[] } {
  const reading: Reading = { ...references, problems: [], rateLimits: 0, touches: new Set() };
  const sections = { ...base };
  try {
    const root = parseDocument(xml, format);
    if (root.name !== "policies")
      reading.problems.push(problemAt(root, "The root element must be 'policies'."));
    else readSections(root, reading, sections);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const where = error.line === undefined ? "" : ` Line ${error.line}.`;
    reading.problems.push({ line: error.line, message: `${error.message}${where}` });
  }
  return { policy: { sections, touches: reading.touches }, problems: reading.problems };
}

function readSections(root: PolicyElement, reading: Reading, sections: Record<Section, Step[]>): void {
  const reader = new ElementReader(root, "inbound", reading, "");
  for (const section of order) {
    const [element, second] = reader.elements(section);
    if (second) reader.problem("The section can stand here only once.", second);
    if (element) sections[section] = readSection(element, section, reading);
  }
  reader.finish();
}

function readSection(element: PolicyElement, section: Section, reading: Reading): Step[] {
  const reader = new ElementReader(element, section, reading, "");
  const children = reader.takeChildren();
  reader.finish();
  if (section === "backend" && children.length > 1) {
    reader.problem("backend section allows only one policy to be specified");
  }
  const bases = children.filter((child) => child.name === "base");
  if (bases[1]) reader.problem("It can stand here only once.", bases[1]);
  return readAll(children, reader, (child) => {
    if (child.name !== "base") return undefined;
    const inner = reader.inside(child);
    inner.finish();
    return base[section];
  });
}

const readSteps: ReadSteps = (elements, parent) => readAll(elements, parent, () => undefined);

function readAll(
  elements: PolicyElement[],
  parent: ElementReader,
  special: (element: PolicyElement) => Step[] | undefined,
): Step[] {
  return elements.flatMap((element, index) => {
    const known = special(element);
    if (known) return known;
    const number = elements.slice(0, index + 1).filter((each) => each.name === element.name).length;
    const path = `${parent.path ? `${parent.path}/` : ""}${element.name}[${number}]`;
    const step = readStep(parent.inside(element, path));
    return step ? [step] : [];
  });
}

function readStep(reader: ElementReader): Step | undefined {
  const { name } = reader.element;
  const policy = policies.get(name);
  if (!policy) {
    reader.problem(`'${name}' is not a policy that the sandbox runs.`);
    return undefined;
  }
  if (!policy.sections.includes(reader.section)) {
    reader.problem(`Policy is not allowed in the section '${reader.section}'.`);
  }
  const policyId = reader.constant("id");
  const run = policy.read(reader, readSteps);
  reader.finish();
  return run && { source: name, path: reader.path, policyId, run };
}
