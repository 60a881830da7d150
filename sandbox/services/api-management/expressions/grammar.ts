import { fileURLToPath } from "node:url";
import { Language, type Node, Parser, type Tree } from "web-tree-sitter";
import { parenthesizeOperands } from "./cast-operands.ts";

export type { Node } from "web-tree-sitter";

await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(fileURLToPath(import.meta.resolve("tree-sitter-c-sharp/tree-sitter-c_sharp.wasm"))),
);

const prefix = "object _ = (";

/** Maximum nesting of the syntax tree. Each operator of a sum is one level. C# allows more. */
const maxDepth = 500;

/** Why an expression cannot be compiled, with the position in its source. */
export class ExpressionProblem extends Error {
  /** Lines below the expression's first line, from 0. */
  readonly row: number;
  /** The name that is wrong, when the message repeats nothing else of the expression. */
  readonly wrongName: string | undefined;

  constructor(message: string, at?: Node, wrongName?: string) {
    super(message);
    this.wrongName = wrongName;
    this.row = at?.startPosition.row ?? 0;
  }
}

/**
 * Parses one C# expression, passes its node to `use`, and frees the node afterwards.
 * @param source The text between the parentheses of @(…).
 * @throws ExpressionProblem when it is not one well-formed C# expression.
 */
export function withExpression<T>(source: string, use: (node: Node) => T): T {
  if (source.trim() === "") throw new ExpressionProblem("The expression is empty.");
  const whole = `${prefix}${parenthesizeOperands(source)}\n);`;
  const tree = parser.parse(whole);
  if (!tree) throw new ExpressionProblem("The expression could not be parsed.");
  try {
    if (isTooDeep(tree)) {
      throw new ExpressionProblem(
        `The expression is nested more than ${maxDepth} deep; the sandbox does not support it.`,
      );
    }
    const error = firstError(tree.rootNode);
    if (error) throw syntaxError(error);
    const statements = tree.rootNode.namedChildren;
    const outer = statements[0]?.descendantsOfType("parenthesized_expression")[0];
    const inner = outer?.namedChildren.filter((child) => child.type !== "comment") ?? [];
    // The outer parentheses must be the added ones: `1) + (2` would close them itself.
    const isWhole = outer?.startIndex === prefix.length - 1 && outer.endIndex === whole.length - 1;
    if (statements.length !== 1 || !isWhole || inner.length !== 1) {
      throw new ExpressionProblem("It is not one single C# expression.");
    }
    return use(inner[0] as Node);
  } finally {
    tree.delete();
  }
}

/** The named children without comments. */
export function parts(node: Node): Node[] {
  return node.namedChildren.filter((child) => child.type !== "comment");
}

/** The child in a field that the grammar guarantees. */
export function field(node: Node, name: string): Node {
  const child = node.childForFieldName(name);
  if (!child) throw unsupported(node);
  return child;
}

/** Rejects syntax that the interpreter does not support. */
export function unsupported(node: Node): ExpressionProblem {
  const text = node.text.length > 60 ? `${node.text.slice(0, 57)}...` : node.text;
  return new ExpressionProblem(
    `'${text}' is C# (${node.type.replaceAll("_", " ")}) that the sandbox does not support.`,
    node,
  );
}

/** Measures the depth without recursion, because every later walk of the tree recurses. */
function isTooDeep(tree: Tree): boolean {
  const cursor = tree.walk();
  try {
    for (;;) {
      if (cursor.currentDepth > maxDepth) return true;
      if (cursor.gotoFirstChild()) continue;
      while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return false;
    }
  } finally {
    cursor.delete();
  }
}

function firstError(node: Node): Node | undefined {
  if (!node.hasError) return undefined;
  if (node.isError || node.isMissing) return node;
  for (const child of node.children) {
    const error = firstError(child);
    if (error) return error;
  }
  return node;
}

function syntaxError(node: Node): ExpressionProblem {
  return node.isMissing
    ? new ExpressionProblem(`Syntax error: ${node.type} expected.`, node)
    : new ExpressionProblem(`Syntax error near '${node.text.slice(0, 40).trim()}'.`, node);
}
