import { compileExpression } from "../expressions/expression.ts";
import { ExpressionProblem } from "../expressions/grammar.ts";
import { Bool, Int, StringType } from "../expressions/primitives.ts";
import type { CsType, MessagePart } from "../expressions/types.ts";
import type { Exchange, Section } from "../gateway/exchange.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import { token } from "../messages.ts";
import type { PolicyElement, PolicyProblem } from "./document.ts";
import { type FilledText, filledText, namesOf, type PolicyText } from "./policy-text.ts";

/** A value of a policy, computed for each call. */
export type Evaluate<T> = (exchange: Exchange) => T;

/** Input and results of reading a policy. */
export interface Reading {
  /** Generation of the tier. Limits and policies differ. */
  tier: "v2" | "classic";
  /** The value of a named value by its display name. */
  namedValue(name: string): string | undefined;
  hasBackend(id: string): boolean;
  problems: PolicyProblem[];
  /** Number of rate-limit elements so far. */
  rateLimits: number;
  /** Message bodies that must be in memory before the policy runs. */
  touches: Set<MessagePart>;
}

interface AttributeOptions {
  /** Value of a missing attribute. Without a default a missing attribute is a problem. */
  required?: boolean;
  /** Whether an expression is allowed. */
  expressions?: boolean;
}

/**
 * Reads one element. Each read attribute, child and text is marked as used, and `finish` reports the rest, so that
 * nothing is skipped silently.
 */
export class ElementReader {
  readonly element: PolicyElement;
  readonly section: Section;
  readonly reading: Reading;
  /** Position in the policy, for example choose[1]/when[2]: context.LastError.Path. */
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
    const read = (text: string) => text;
    return this.value(name, StringType, { read, isNot: "" }, options) as Evaluate<string> | undefined;
  }

  /**
   * @param options.least Minimum; default 0.
   * @param options.or One more accepted value.
   */
  integer(
    name: string,
    options: AttributeOptions & { least?: number; most?: number; or?: number } = {},
  ): Evaluate<number> | undefined {
    const { least = 0, most = 2 ** 31 - 1, or } = options;
    const isTaken = (number: number) => number === or || (number >= least && number <= most);
    const read = (text: string) => {
      const number = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
      return isTaken(number) ? number : undefined;
    };
    const isNot = `not a whole number from ${least} to ${most}${or === undefined ? "" : ` or ${or}`}`;
    const evaluate = this.value(name, Int, { read, isNot }, options) as Evaluate<number> | undefined;
    return (
      evaluate &&
      ((exchange) => {
        const number = evaluate(exchange);
        if (isTaken(number)) return number;
        const message = `'${number}' is ${isNot} for the attribute '${name}'.`;
        throw new GatewayError(500, "ExpressionValueEvaluationFailure", message);
      })
    );
  }

  boolean(name: string, options?: AttributeOptions): Evaluate<boolean> | undefined {
    const read = (text: string) => (text === "true" || text === "false" ? text === "true" : undefined);
    return this.value(name, Bool, { read, isNot: "neither 'true' nor 'false'" }, options) as
      | Evaluate<boolean>
      | undefined;
  }

  /** An attribute of any type of value. */
  anything(
    name: string,
    options: AttributeOptions,
  ): { evaluate: Evaluate<unknown>; type: CsType } | undefined {
    const text = this.take(name, options);
    return text && this.compile(text, undefined);
  }

  /** A literal attribute. It must not be empty. */
  constant(name: string, options: { required?: boolean } = {}): string | undefined {
    const text = this.take(name, options);
    if (text?.value.trim() === "") this.problem(`The attribute '${name}' must not be empty.`);
    return text?.value;
  }

  /** A literal attribute with a header name. */
  headerName(name: string): string | undefined {
    const text = this.constant(name);
    if (text !== undefined && !token.test(text)) {
      this.problem(`The attribute '${name}' is no name that a header may have.`);
    }
    return text;
  }

  /** A literal attribute with one of the listed values. */
  choice<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.take(name, {});
    if (!text || (values as readonly string[]).includes(text.value)) return text?.value as T | undefined;
    this.refuse(text, name, `not taken by the sandbox: ${values.join(", ")}`);
    return undefined;
  }

  /** Looks at an attribute's literal without marking it as used; undefined for an expression. */
  literal(name: string): string | undefined {
    const text = this.attributes.get(name);
    const filled = text && filledText(text, (each) => this.reading.namedValue(each));
    return filled && "kind" in filled && filled.kind === "literal" ? filled.value : undefined;
  }

  /** The text inside the element. */
  content({ required }: { required?: boolean } = {}): Evaluate<string> | undefined {
    if (!this.text && required) this.problem("It must not be empty.");
    const text = this.text && this.filled(this.text);
    this.text = undefined;
    return text && (this.compile(text, StringType)?.evaluate as Evaluate<string> | undefined);
  }

  /** All children in document order. */
  takeChildren(): PolicyElement[] {
    const children = this.children;
    this.children = [];
    return children;
  }

  /** The children with this name, in document order. */
  elements(name: string): PolicyElement[] {
    const found = this.children.filter((child) => child.name === name);
    this.children = this.children.filter((child) => child.name !== name);
    return found;
  }

  /** A reader for a child. */
  inside(element: PolicyElement, path = this.path): ElementReader {
    return new ElementReader(element, this.section, this.reading, path);
  }

  /** Reports every attribute, child and text that was not read. */
  finish(): void {
    for (const name of this.attributes.keys()) {
      this.problem(`The attribute '${name}' is not supported by the sandbox.`);
    }
    for (const child of this.children) {
      this.problem(`It is not supported by the sandbox inside '${this.element.name}'.`, child);
    }
    if (this.text) this.problem("Text is not taken here.");
  }

  private take(name: string, { required, expressions }: AttributeOptions): FilledText | undefined {
    const given = this.attributes.get(name);
    this.attributes.delete(name);
    if (!given && required) this.problem(`The attribute '${name}' is required.`);
    const text = given && this.filled(given);
    if (text && text.kind !== "literal" && !expressions) {
      this.problem(`The attribute '${name}' takes no expression.`);
      return undefined;
    }
    return text;
  }

  private value(
    name: string,
    type: CsType,
    { read, isNot }: { read: (text: string) => unknown; isNot: string },
    options: AttributeOptions = {},
  ): Evaluate<unknown> | undefined {
    const text = this.take(name, options);
    if (!text) return undefined;
    if (text.kind !== "literal") return this.compile(text, type)?.evaluate;
    const value = read(text.value);
    if (value === undefined) this.refuse(text, name, isNot);
    return value === undefined ? undefined : () => value;
  }

  /** Reports an invalid literal. The value is not repeated if it came from a named value, which may be a secret. */
  private refuse({ value, names }: FilledText, name: string, isNot: string): void {
    const what = names.length === 0 ? `'${value}'` : `The value with ${namesOf(names)} in it`;
    this.problem(`${what} is ${isNot} for the attribute '${name}'.`);
  }

  private compile(
    { value, kind, names, own }: FilledText,
    type: CsType | undefined,
  ): { evaluate: Evaluate<unknown>; type: CsType } | undefined {
    if (kind === "literal") return { evaluate: () => value, type: StringType };
    if (kind === "statements") {
      this.problem("Expressions of several statements, @{…}, are not run by the sandbox; write @(…).");
      return undefined;
    }
    try {
      const expression = compileExpression(value, type);
      for (const part of expression.touches) this.reading.touches.add(part);
      return { evaluate: (exchange) => expression.run(exchange.run), type: expression.type };
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error;
      // The message may quote the expression, which may contain a secret. A name that the policy itself contains is none.
      const isOwn = own.match(/[\p{L}_][\p{L}\p{N}_]*/gu)?.includes(error.wrongName ?? "") ?? false;
      const message =
        names.length === 0 || isOwn
          ? error.message
          : `With ${namesOf(names)} put in, the expression cannot be run.`;
      this.problem(error.row > 0 ? `${message} (line ${error.row + 1} of the expression)` : message);
      return undefined;
    }
  }

  private filled(text: PolicyText): FilledText | undefined {
    const filled = filledText(text, (name) => this.reading.namedValue(name));
    if ("kind" in filled) return filled;
    this.problem(filled.problem);
    return undefined;
  }
}

/** A problem worded as Azure does: element, line, column and cause. */
export function problemAt(element: PolicyElement, message: string): PolicyProblem {
  return {
    line: element.line,
    message: `Error in element '${element.name}' on line ${element.line}, column ${element.column}: ${message}`,
  };
}
