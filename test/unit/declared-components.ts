import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The source files of components/, parsed. */
export function componentSources(): ts.SourceFile[] {
  const folder = join(import.meta.dirname, "..", "..", "components");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => parseSource(file, readFileSync(join(folder, file), "utf8")));
}

/** Parses TypeScript source text. */
export function parseSource(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}

/**
 * The members of all exported interfaces, those of nested objects included, as FILE: INTERFACE.MEMBER.
 * @returns All of them, and those without a doc comment.
 */
export function interfaceMembers(source: ts.SourceFile): { all: string[]; undocumented: string[] } {
  const all: string[] = [];
  const undocumented: string[] = [];
  const visit = (path: string, members: ts.NodeArray<ts.TypeElement>) => {
    for (const member of members) {
      const name = `${path}.${member.name?.getText() ?? "(unnamed)"}`;
      all.push(name);
      if (!docText(member)) undocumented.push(name);
      if (ts.isPropertySignature(member) && member.type && ts.isTypeLiteralNode(member.type)) {
        visit(name, member.type.members);
      }
    }
  };
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && isExported(statement)) {
      visit(`${source.fileName}: ${statement.name.text}`, statement.members);
    }
  }
  return { all, undocumented };
}

/** A component class, with what its doc comment shows. */
export interface DeclaredComponent {
  name: string;
  description: string;
  /** Names of the arguments in the call of the doc comment's example; undefined without one. */
  exampleArguments: string[] | undefined;
}

/** The exported classes of a source file that extend pulumi.ComponentResource. */
export function declaredComponents(source: ts.SourceFile): DeclaredComponent[] {
  return source.statements.filter(ts.isClassDeclaration).flatMap((declaration) => {
    const extended = declaration.heritageClauses?.map((clause) => clause.getText()).join(" ");
    if (!extended?.includes("ComponentResource") || !isExported(declaration)) return [];
    const example = ts.getJSDocTags(declaration).find((tag) => tag.tagName.text === "example");
    return {
      name: declaration.name?.text ?? "",
      description: docText(declaration),
      exampleArguments: example && callArguments(ts.getTextOfJSDocComment(example.comment) ?? ""),
    };
  });
}

/** Names of the properties of the object that a `new` expression in the code receives as its second argument. */
function callArguments(code: string): string[] | undefined {
  let names: string[] | undefined;
  const visit = (node: ts.Node): void => {
    const object = ts.isNewExpression(node) ? node.arguments?.[1] : undefined;
    if (object && ts.isObjectLiteralExpression(object)) {
      names = object.properties.map((property) => property.name?.getText() ?? "");
    }
    ts.forEachChild(node, visit);
  };
  visit(parseSource("example.ts", code));
  return names;
}

/** The names of an interface's own and inherited members, by whether a caller must give them. */
export function argumentNames(
  sources: ts.SourceFile[],
  interfaceName: string,
): { required: string[]; all: string[] } {
  const declaration = sources
    .flatMap((source) => source.statements.filter(ts.isInterfaceDeclaration))
    .find(({ name }) => name.text === interfaceName);
  if (!declaration) throw new Error(`components/ declares no interface ${interfaceName}.`);
  const inherited = (declaration.heritageClauses ?? [])
    .flatMap(({ types }) => types)
    .map((type) => argumentNames(sources, type.expression.getText()));
  const own = declaration.members.filter(ts.isPropertySignature);
  const names = (members: typeof own) => members.map(({ name }) => name.getText());
  return {
    required: [
      ...inherited.flatMap(({ required }) => required),
      ...names(own.filter((member) => !member.questionToken)),
    ],
    all: [...inherited.flatMap(({ all }) => all), ...names(own)],
  };
}

/** Text of the doc comment of a declaration, without its tags. */
function docText(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "")
    .join(" ")
    .trim();
}

function isExported(node: ts.HasModifiers): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
