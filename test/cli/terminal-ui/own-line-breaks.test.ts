import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { projectRoot } from "../../support/project-root.ts";

/** Calls whose texts are shown to people. A string is one line there; see `Lines`. */
const shown = /^(OperatorError|note|noteAboveProgress|result|warning|confirm|remedy)$/;

/** Line breaks in the texts of such calls: `"a\nb"`, `join("\n")`. */
function ownLineBreaks(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const search = (node: ts.Node, isShown: boolean): void => {
    if (isShown && (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || isTemplatePart(node))) {
      const isSplit =
        ts.isCallExpression(node.parent) && /\.split$/.test(node.parent.expression.getText(source));
      if (node.text.includes("\n") && !isSplit) {
        found.push(`line ${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`);
      }
    }
    const isCall = ts.isCallExpression(node) || ts.isNewExpression(node);
    const name = isCall ? node.expression.getText(source).split(".").at(-1) : undefined;
    ts.forEachChild(node, (child) => search(child, isShown || (name !== undefined && shown.test(name))));
  };
  search(source, false);
  return found;
}

const isTemplatePart = (node: ts.Node): node is ts.TemplateMiddle | ts.TemplateTail =>
  ts.isTemplateMiddle(node) || ts.isTemplateTail(node);

test("texts of several lines are arrays: a line break in a string would be shown as its code", () => {
  const files = globSync("cli/**/*.ts", { cwd: projectRoot, exclude: ["**/node_modules/**"] });
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) => ownLineBreaks(join(projectRoot, file)).map((at) => `${file}: ${at}`));
  expect(found).toEqual([]);
});
