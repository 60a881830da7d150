import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectRoot } from "./project-root.ts";

/** A text in the source, for example a message. */
export interface SourceText {
  /** File and line, for messages of tests. */
  at: string;
  /** The text. Each expression of a template is `placeholder`. */
  text: string;
  /** It is the value of a property or variable that holds a remedy. */
  isRemedy: boolean;
}

/** Stands for the value of an expression in a template. It is a valid argument of every command. */
export const placeholder = "VALUE-1";

/** All texts in files of the source, by its syntax tree. @param patterns Globs from the checkout's root. */
export function textsOf(...patterns: string[]): SourceText[] {
  const files = globSync(patterns, { cwd: projectRoot, exclude: ["**/node_modules/**"] });
  return files.flatMap((file) => {
    const content = readFileSync(join(projectRoot, file), "utf8");
    const source = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
    const found: SourceText[] = [];
    const visit = (node: ts.Node, isRemedy: boolean): void => {
      const text = ts.isStringLiteralLike(node) ? node.text : templateText(node);
      if (text !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.push({ at: `${file}:${line + 1}`, text, isRemedy });
      }
      ts.forEachChild(node, (child) => visit(child, isRemedy || holdsRemedy(node)));
    };
    visit(source, false);
    return found;
  });
}

function templateText(node: ts.Node): string | undefined {
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => placeholder + literal.text).join("");
}

/** `remedy: …`, `const runRemedy = …`, and functions such as `grantRemedy`. */
function holdsRemedy(node: ts.Node): boolean {
  const isNamed =
    ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node);
  return isNamed && /remedy/i.test(node.name?.getText() ?? "");
}
