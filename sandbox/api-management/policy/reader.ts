import { compileExpression } from "../expressions/expression.ts";
import { ExpressionProblem } from "../expressions/grammar.ts";
import { Bool, Int, StringType } from "../expressions/primitives.ts";
import type { CsType, MessagePart } from "../expressions/types.ts";
import type { Exchange, Section } from "../gateway/exchange.ts";
import type { PolicyElement, PolicyProblem, PolicyText } from "./document.ts";

/** A value that a policy gives, known for each call. */
export type Evaluate<T> = (exchange: Exchange) => T;

/** What a policy may refer to, and what is found while it is read. */
export interface Reading {
  /** Every generation has other limits and policies. */
  tier: "v2" | "classic";
  /** The value of a named value by its display name. */
  namedValue(name: string): string | undefined;
  hasBackend(id: string): boolean;
  problems: PolicyProblem[];
  /** How many rate-limit elements were read. */
  rateLimits: number;
  /** Bodies that have to be in memory before the policy runs. */
  touches: Set<MessagePart>;
}

interface AttributeOptions {
  /** Left out, the default applies; without a default it is an error. */
  required?: boolean;
  /** Whether an expression may stand for it. */
  expressions?: boolean;
}

/**
 * Reads one element: every attribute, child and text that is asked for is taken, and `finish` names whatever is
 * left, so that nothing is skipped in silence.
 */
export class ElementReader {
  readonly element: PolicyElement;
  readonly section: Section;
  readonly reading: Reading;
  /** Position among the policies, for example choose[1]/when[2]: context.LastError.Path. */
  readonly path: string;
  private readonly attributes: Map<string, PolicyText>;
  private children: PolicyElement[];
  private text: PolicyText | undefined;

  constructor(element: PolicyElement, section: Section, reading: Reading, path: string) {
    this.element = element;
    this.section = section;
    this.reading = reading;
    this.path = path;
    this.attributes = new Map(element.attributes);
    this.children = [...element.children];
    this.text = element.text;
  }

  problem(message: string, at: PolicyElement = this.element): void {
    this.reading.problems.push(problemAt(at, message));
  }

  string(name: string, options?: AttributeOptions): Evaluate<string> | undefined {
    return this.value(name, StringType, (text) => text, options) as Evaluate<string> | undefined;
  }

  /** @param options.least The smallest value that is taken; default 0. */
  integer(
    name: string,
    options: AttributeOptions & { least?: number; most?: number } = {},
  ): Evaluate<number> | undefined {
    const { least = 0, most = 2 ** 31 - 1 } = options;
    const read = (text: string) => {
      const number = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
      if (number >= least && number <= most) return number;
      this.problem(`'${text}' is not a whole number from ${least} to ${most} for the attribute '${name}'.`);
      return undefined;
    };
    return this.value(name, Int, read, options) as Evaluate<number> | undefined;
  }

  boolean(name: string, options?: AttributeOptions): Evaluate<boolean> | undefined {
    const read = (text: string) => {
      if (text === "true" || text === "false") return text === "true";
      this.problem(`'${text}' is neither 'true' nor 'false' for the attribute '${name}'.`);
      return undefined;
    };
    return this.value(name, Bool, read, options) as Evaluate<boolean> | undefined;
  }

  /** An attribute of any type of value. */
  anything(
    name: string,
    options: AttributeOptions,
  ): { evaluate: Evaluate<unknown>; type: CsType } | undefined {
    const text = this.take(name, options);
    return text && this.compile(text, undefined);
  }

  /** A literal attribute. */
  constant(name: string, options: { required?: boolean } = {}): string | undefined {
    const text = this.take(name, options);
    return text?.value;
  }

  /** A literal attribute with one of few values. */
  choice<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.constant(name);
    if (value === undefined || (values as readonly string[]).includes(value)) return value as T | undefined;
    this.problem(`'${value}' is not taken by the sandbox for the attribute '${name}': ${values.join(", ")}.`);
    return undefined;
  }

  /** The text inside the element. */
  content(): Evaluate<string> | undefined {
    const text = this.text;
    this.text = undefined;
    return text && (this.compile(text, StringType)?.evaluate as Evaluate<string> | undefined);
  }

  /** All children, in their order. */
  takeChildren(): PolicyElement[] {
    const children = this.children;
    this.children = [];
    return children;
  }

  /** The children with a name, in their order. */
  elements(name: string): PolicyElement[] {
    const found = this.children.filter((child) => child.name === name);
    this.children = this.children.filter((child) => child.name !== name);
    return found;
  }

  /** A reader for a child. */
  inside(element: PolicyElement, path = this.path): ElementReader {
    return new ElementReader(element, this.section, this.reading, path);
  }

  /** Names everything that nobody asked for. */
  finish(): void {
    for (const name of this.attributes.keys()) {
      this.problem(`The attribute '${name}' is not one that the sandbox runs.`);
    }
    for (const child of this.children) {
      this.problem(`It is not one that the sandbox runs inside '${this.element.name}'.`, child);
    }
    if (this.text) this.problem("Text is not taken here.");
  }

  private take(name: string, { required, expressions }: AttributeOptions): PolicyText | undefined {
    const text = this.attributes.get(name);
    this.attributes.delete(name);
    if (!text && required) this.problem(`The attribute '${name}' is required.`);
    if (text && text.kind !== "literal" && !expressions) {
      this.problem(`The attribute '${name}' takes no expression.`);
      return undefined;
    }
    return text;
  }

  private value(
    name: string,
    type: CsType,
    read: (text: string) => unknown,
    options: AttributeOptions = {},
  ): Evaluate<unknown> | undefined {
    const text = this.take(name, options);
    if (!text) return undefined;
    if (text.kind !== "literal") return this.compile(text, type)?.evaluate;
    const value = read(this.named(text.value));
    return value === undefined ? undefined : () => value;
  }

  private compile(
    text: PolicyText,
    type: CsType | undefined,
  ): { evaluate: Evaluate<unknown>; type: CsType } | undefined {
    const value = this.named(text.value);
    if (text.kind === "literal") return { evaluate: () => value, type: StringType };
    if (text.kind === "statements") {
      this.problem("Expressions of several statements, @{…}, are not run by the sandbox; write @(…).");
      return undefined;
    }
    try {
      const expression = compileExpression(value, type);
      for (const part of expression.touches) this.reading.touches.add(part);
      return { evaluate: (exchange) => expression.run(exchange.run), type: expression.type };
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error;
      this.problem(
        error.row > 0 ? `${error.message} (line ${error.row + 1} of the expression)` : error.message,
      );
      return undefined;
    }
  }

  /** Puts named values in the place of {{name}}, in expressions too. */
  private named(text: string): string {
    return text.replace(/\{\{([A-Za-z0-9\-._]+)\}\}/g, (all, name: string) => {
      const value = this.reading.namedValue(name);
      if (value === undefined) this.problem(`Cannot find a property '${name}'`);
      return value ?? all;
    });
  }
}

/** A problem in Azure's words: the element with its line and column, and what is wrong. */
export function problemAt(element: PolicyElement, message: string): PolicyProblem {
  return {
    line: element.line,
    message: `Error in element '${element.name}' on line ${element.line}, column ${element.column}: ${message}`,
  };
}
