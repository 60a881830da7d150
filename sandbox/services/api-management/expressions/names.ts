import { arrayOf } from "./arrays.ts";
import { ExpressionProblem, field, type Node, parts, unsupported } from "./grammar.ts";
import { nullableOf } from "./primitives.ts";
import { typeNamed } from "./registry.ts";
import type { CsType } from "./types.ts";

/** A member's name without its type arguments. */
export function plainName(name: Node): string {
  return name.type === "generic_name" ? (parts(name)[0]?.text ?? "") : name.text;
}

/** The type with this name, if the name is a type's. */
export function typeAt(node: Node): CsType | undefined {
  return typeNamed(node.text.replace(/\s/g, ""));
}

/** Resolves type syntax, for example string, int? or string[]. */
export function typeOf(node: Node): CsType {
  if (node.type === "array_type") {
    const rank = node.childForFieldName("rank")?.text.replace(/\s/g, "");
    if (rank !== "[]") throw unsupported(node);
    return arrayOf(typeOf(field(node, "type")));
  }
  if (node.type === "nullable_type") {
    const type = typeOf(field(node, "type"));
    if (!type.isValueType) throw unsupported(node);
    return nullableOf(type);
  }
  const type = typeAt(node);
  if (!type || type.kind === "static") throw unknownName(node);
  return type;
}

/** Rejects an unknown name. */
export function unknownName(node: Node): ExpressionProblem {
  return new ExpressionProblem(`The name '${node.text}' is unknown to the sandbox.`, node, node.text);
}

/** Rejects a member that the type does not have or the interpreter does not support. */
export function noMember(type: CsType, name: Node): ExpressionProblem {
  return new ExpressionProblem(
    `The sandbox does not support the member '${plainName(name)}' of '${type.name}'.`,
    name,
    plainName(name),
  );
}

/** The operator of a unary or binary expression. */
export function operatorOf(node: Node): string {
  return (
    node.childForFieldName("operator")?.text ?? node.children.find((child) => !child.isNamed)?.text ?? ""
  );
}
