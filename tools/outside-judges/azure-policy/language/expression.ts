/*
 * The syntax of template expressions, such as [concat('tags[', parameters('tagName'), ']')].
 * Source: "Syntax and expressions in ARM templates" (azure-resource-manager/templates/template-expressions).
 */

/** A parsed expression. */
export type Expression =
  | { kind: "literal"; value: string | number }
  | { kind: "call"; name: string; args: Expression[] }
  | { kind: "access"; of: Expression; key: Expression };

/** Whether a text is an expression: it is in brackets, and does not start with two of them. */
export const isExpression = (text: string): boolean =>
  text.startsWith("[") && text.endsWith("]") && !text.startsWith("[[");

/** The text that a plain text means: a second bracket at its start is an escape. */
export const unescapeText = (text: string): string => (text.startsWith("[[") ? text.slice(1) : text);

const tokenPattern =
  /\s*(?:(?<name>[A-Za-z_]\w*)|(?<number>-?\d+)|'(?<text>(?:[^']|'')*)'|(?<mark>[()[\],.]))/y;

/** Parses an expression in brackets. @throws Error that shows the expression and the position of the fault. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text.slice(1, -1));
  const expression = parser.readExpression();
  parser.expectEnd();
  return expression;
}

class Parser {
  private readonly text: string;
  private position = 0;
  private token: Record<string, string | undefined> = {};

  constructor(text: string) {
    this.text = text;
    this.advance();
  }

  readExpression(): Expression {
    let expression = this.readOperand();
    while (this.token.mark === "." || this.token.mark === "[") {
      const isName = this.token.mark === ".";
      this.advance();
      if (isName) {
        expression = { kind: "access", of: expression, key: { kind: "literal", value: this.takeName() } };
      } else {
        expression = { kind: "access", of: expression, key: this.readExpression() };
        this.expectMark("]");
      }
    }
    return expression;
  }

  expectEnd(): void {
    if (Object.values(this.token).some((value) => value !== undefined)) this.fail();
  }

  private readOperand(): Expression {
    const { number, text, name } = this.token;
    if (number !== undefined || text !== undefined) {
      this.advance();
      return { kind: "literal", value: number === undefined ? text!.replaceAll("''", "'") : Number(number) };
    }
    if (name === undefined) this.fail();
    return { kind: "call", name: this.takeName(), args: this.readArguments() };
  }

  private readArguments(): Expression[] {
    this.expectMark("(");
    const args: Expression[] = [];
    while (this.token.mark !== ")") {
      if (args.length > 0) this.expectMark(",");
      args.push(this.readExpression());
    }
    this.advance();
    return args;
  }

  private takeName(): string {
    const { name } = this.token;
    if (name === undefined) this.fail();
    this.advance();
    return name;
  }

  private expectMark(mark: string): void {
    if (this.token.mark !== mark) this.fail();
    this.advance();
  }

  private advance(): void {
    tokenPattern.lastIndex = this.position;
    const match = tokenPattern.exec(this.text);
    if (!match && this.text.slice(this.position).trim() !== "") this.fail();
    this.position = match ? tokenPattern.lastIndex : this.text.length;
    this.token = match?.groups ?? {};
  }

  private fail(): never {
    throw new Error(`The template expression [${this.text}] has a fault before position ${this.position}.`);
  }
}
