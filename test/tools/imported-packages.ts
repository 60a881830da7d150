import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import ts from "typescript";

/** An import of another package. */
export interface PackageImport {
  /** Name of the package, such as `@azure/identity`. */
  name: string;
  /** Whether Node erases the import: it needs the package's types only. */
  isTypeOnly: boolean;
}

/** The packages that a source file imports or requires, or whose files it looks for. */
export function importedPackages(path: string, text = readFileSync(path, "utf8")): PackageImport[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: PackageImport[] = [];
  const add = (specifier: ts.Expression | undefined, isTypeOnly: boolean) => {
    const name = specifier && packageName(specifier);
    if (name) found.push({ name, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal as ts.Expression, true);
    } else if (ts.isCallExpression(node) && loadsModule(node)) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether a call imports or resolves a module as the file itself: not from the folder of another package. */
function loadsModule({ expression, arguments: { length } }: ts.CallExpression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (/^(require|require\.resolve|import\.meta\.resolve)$/.test(expression.getText()) && length === 1)
  );
}

/** The name of the package in a module specifier; undefined for files, Node's modules and computed specifiers. */
function packageName(specifier: ts.Expression): string | undefined {
  const text = ts.isStringLiteralLike(specifier)
    ? specifier.text
    : ts.isTemplateExpression(specifier)
      ? specifier.head.text
      : "";
  const [, name] = /^((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/|$)/.exec(text) ?? [];
  return name && !isBuiltin(text) ? name : undefined;
}
