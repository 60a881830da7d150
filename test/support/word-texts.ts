import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectRoot } from "./project-root.ts";

/** A text in the source of the command line. */
export interface WordText {
  /** File and line, for messages of tests. */
  at: string;
  /** The text, with `{0}`, `{1}` … for the expressions of a template. */
  text: string;
}

/** The texts of the command line, as its syntax trees have them. */
export interface Words {
  /** Templates with the tag `t`: texts for people. */
  tagged: WordText[];
  /** Tagged templates at the top of a module, which are made before the language is chosen. */
  tooEarly: WordText[];
  /** Nouns that `count` puts after a number. */
  nouns: WordText[];
  /** Texts of several words without the tag, except messages of `new Error` and names of properties. */
  untagged: WordText[];
}

/** Collects the texts of files. @param patterns Globs from the checkout's root. */
export function collectWords(...patterns: string[]): Words {
  const words: Words = { tagged: [], tooEarly: [], nouns: [], untagged: [] };
  for (const file of globSync(patterns, { cwd: projectRoot, exclude: ["**/node_modules/**"] })) {
    const content = readFileSync(join(projectRoot, file), "utf8");
    const source = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
    const at = (node: ts.Node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      return `${file.replaceAll("\\", "/")}:${line + 1}`;
    };
    collect(source, false, words, at);
  }
  return words;
}

function collect(node: ts.Node, isInFunction: boolean, words: Words, at: (node: ts.Node) => string): void {
  if (isNoText(node)) return;
  const isInside = isInFunction || ts.isFunctionLike(node);
  if (isTaggedAs("t", node)) {
    const text = { at: at(node), text: textOf(node.template) as string };
    words.tagged.push(text);
    if (!isInside) words.tooEarly.push(text);
    if (ts.isTemplateExpression(node.template)) {
      for (const { expression } of node.template.templateSpans) collect(expression, isInside, words, at);
    }
    return;
  }
  const isMarkup = ts.isTemplateLiteral(node) && isTaggedAs("html", node.parent);
  // Of markup, only what is between its tags is a text.
  const text = isMarkup ? textOf(node)?.replace(/<[^>]*>/g, " ") : textOf(node);
  if (isMarkup && hasWords(text ?? "")) words.untagged.push({ at: at(node), text: text as string });
  else if (text !== undefined && isSentence(text)) words.untagged.push({ at: at(node), text });
  if (ts.isNewExpression(node) && node.expression.getText() === "OperatorError") {
    const message = node.arguments?.[1];
    const text = message && textOf(message);
    // Of one word too.
    if (message && text && hasWords(text) && !isSentence(text))
      words.untagged.push({ at: at(message), text });
  }
  if (ts.isCallExpression(node) && node.expression.getText() === "count") {
    const noun = node.arguments[1];
    if (noun && ts.isStringLiteralLike(noun)) words.nouns.push({ at: at(noun), text: noun.text });
    collect(node.arguments[0] as ts.Node, isInside, words, at);
    return;
  }
  ts.forEachChild(node, (child) => collect(child, isInside, words, at));
}

function isTaggedAs(tag: string, node: ts.Node): node is ts.TaggedTemplateExpression {
  return ts.isTaggedTemplateExpression(node) && node.tag.getText() === tag;
}

/** Imports, types, names of properties, and messages of defects, which are for the maintainers. */
function isNoText(node: ts.Node): boolean {
  return (
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isLiteralTypeNode(node) ||
    (node.parent !== undefined && ts.isPropertyAssignment(node.parent) && node.parent.name === node) ||
    (ts.isNewExpression(node) && /^(Error|TypeError|RangeError)$/.test(node.expression.getText()))
  );
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.templateSpans.reduce(
    (text, { literal }, index) => `${text}{${index}}${literal.text}`,
    node.head.text,
  );
}

/** Whether a text has words: letters that are in no placeholder and in no code span. */
export function hasWords(text: string): boolean {
  return /\p{L}/u.test(text.replace(/`[^`]*`/g, "").replace(/\{\d+\}/g, ""));
}

/** Whether a text has several words, or a word and a value. */
function isSentence(text: string): boolean {
  return hasWords(text) && /[\p{L}}]\S* \S*[\p{L}{]/u.test(text);
}
