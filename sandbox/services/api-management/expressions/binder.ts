import { arrayOf } from "./arrays.ts";
import { type Bound, convert, folded } from "./bound.ts";
import { type Chain, ended, guarded, onCall, onReceiver } from "./chain.ts";
import { requireFit } from "./constants.ts";
import { BodyType, ContextType } from "./context-members.ts";
import { explicitConversion } from "./conversions.ts";
import { ExpressionProblem, field, type Node, parts, unsupported } from "./grammar.ts";
import { integer, interpolation, literal } from "./literals.ts";
import { noMember, operatorOf, plainName, typeAt, typeOf, unknownName } from "./names.ts";
import { binary, concatenation, conditional, unary } from "./operators.ts";
import { type Argument, chooseOverload } from "./overloads.ts";
import { ObjectType, StringType } from "./primitives.ts";
import type { CsType, Member, MessagePart } from "./types.ts";

/** Resolves types and members in one expression's syntax tree and compiles it to a function. */
export class Binder {
  /** The bodies that the expression reads. */
  readonly touches = new Set<MessagePart>();

  bind(node: Node): Bound {
    switch (node.type) {
      case "parenthesized_expression":
        return this.bind(parts(node)[0] as Node);
      case "identifier":
      case "member_access_expression":
      case "invocation_expression":
      case "element_access_expression":
      case "conditional_access_expression":
        return ended(this.chain(node));
      case "binary_expression":
        return this.binary(node);
      case "prefix_unary_expression":
        return this.prefixed(operatorOf(node), parts(node)[0] as Node, node);
      case "conditional_expression":
        return conditional(
          this.bind(field(node, "condition")),
          this.bind(field(node, "consequence")),
          this.bind(field(node, "alternative")),
          node,
        );
      case "cast_expression":
        return this.cast(node);
      case "interpolated_string_expression":
        return this.interpolated(node);
      case "object_creation_expression":
        return this.creation(node);
      case "array_creation_expression":
      case "implicit_array_creation_expression":
        return this.array(node);
      default: {
        const { type, value } = literal(node);
        return { type, run: () => value, constant: value };
      }
    }
  }

  private binary(node: Node): Bound {
    const [leftNode, rightNode] = [field(node, "left"), field(node, "right")];
    const before = [...this.touches];
    const [left, right] = [this.bind(leftNode), this.bind(rightNode)];
    // Whether there is a body is known before it arrives.
    const isPresence =
      (left.type === BodyType && rightNode.type === "null_literal") ||
      (right.type === BodyType && leftNode.type === "null_literal");
    if (isPresence) {
      this.touches.clear();
      for (const part of before) this.touches.add(part);
    }
    return binary(operatorOf(node), left, right, node);
  }

  private chain(node: Node): Chain {
    switch (node.type) {
      case "identifier":
        if (node.text !== "context") throw unknownName(node);
        return { type: ContextType, run: (run) => run.context, short: false };
      case "member_access_expression":
        return this.member(node);
      case "invocation_expression":
        return this.invocation(node);
      case "element_access_expression": {
        const receiver = this.chain(field(node, "expression"));
        return this.indexed(receiver, parts(field(node, "subscript")), node);
      }
      case "conditional_access_expression": {
        const [condition, binding] = parts(node) as [Node, Node];
        const receiver = guarded(this.chain(condition), node);
        if (binding.type === "element_binding_expression")
          return this.indexed(receiver, parts(binding), node);
        if (binding.type !== "member_binding_expression") throw unsupported(node);
        return this.property(receiver, field(binding, "name"));
      }
      default:
        return { ...this.bind(node), short: false };
    }
  }

  private member(node: Node): Chain {
    const name = field(node, "name");
    const left = field(node, "expression");
    const type = typeAt(left);
    if (!type) return this.property(this.chain(left), name);
    const member = type.statics.get(name.text);
    if (member?.kind !== "property") throw noMember(type, name);
    const { type: memberType, constant } = member;
    return {
      type: memberType,
      run: (run) => member.get(null, run),
      short: false,
      ...(constant !== undefined && { constant }),
    };
  }

  private property(receiver: Chain, name: Node): Chain {
    const member = receiver.type.find(name.text);
    if (member?.kind !== "property") throw noMember(receiver.type, name);
    if (member.touches) this.touches.add(member.touches);
    return onReceiver(receiver, member.type, (value, run) => member.get(value, run));
  }

  private indexed(receiver: Chain, given: Node[], node: Node): Chain {
    const { indexers } = receiver.type;
    const call = chooseOverload(`${receiver.type.name}[]`, indexers, this.arguments(given), undefined, node);
    return onCall(receiver, call);
  }

  private invocation(node: Node): Chain {
    const target = field(node, "function");
    const given = this.arguments(parts(field(node, "arguments")));
    const choose = (type: CsType, member: Member | undefined, name: Node) => {
      if (member?.kind !== "method") throw noMember(type, name);
      return chooseOverload(plainName(name), member.overloads, given, this.typeArgument(name), node);
    };
    if (target.type === "member_access_expression") {
      const name = field(target, "name");
      const left = field(target, "expression");
      const type = typeAt(left);
      if (type) {
        const call = choose(type, type.statics.get(plainName(name)), name);
        return { type: call.type, run: (run) => call.invoke(null, call.values(run), run), short: false };
      }
      const receiver = this.chain(left);
      const call = choose(receiver.type, receiver.type.find(plainName(name)), name);
      return onCall(receiver, call);
    }
    if (target.type !== "conditional_access_expression") throw unsupported(node);
    const [condition, binding] = parts(target) as [Node, Node];
    if (binding.type !== "member_binding_expression") throw unsupported(node);
    const receiver = guarded(this.chain(condition), node);
    const name = field(binding, "name");
    const call = choose(receiver.type, receiver.type.find(plainName(name)), name);
    return onCall(receiver, call);
  }

  private arguments(nodes: Node[]): Argument[] {
    return nodes.map((node) => {
      const inner = parts(node).at(-1);
      const words = node.children.filter((child) => !child.isNamed && child.text !== ":");
      if (node.type !== "argument" || !inner || words.length > 0) throw unsupported(node);
      const name = node.childForFieldName("name")?.text;
      return { value: this.bind(inner), ...(name ? { name } : {}) };
    });
  }

  private typeArgument(name: Node): CsType | undefined {
    if (name.type !== "generic_name") return undefined;
    const list = parts(name).find((child) => child.type === "type_argument_list");
    const types = list ? parts(list) : [];
    if (types.length !== 1) throw unsupported(name);
    return typeOf(types[0] as Node);
  }

  private cast(node: Node): Bound {
    const type = typeOf(field(node, "type"));
    const value = this.bind(field(node, "value"));
    const conversion = explicitConversion(value.type, type);
    if (!conversion) {
      throw new ExpressionProblem(`Cannot convert type '${value.type.name}' to '${type.name}'.`, node);
    }
    const converted: Bound = { type, run: (run) => conversion.apply(value.run(run)) };
    if (type === ObjectType) return converted;
    requireFit(value, type, node);
    return folded(converted, [value]);
  }

  private prefixed(operator: string, operand: Node, node: Node): Bound {
    // int.MinValue and long.MinValue are written as a minus and a number that does not fit the type itself.
    if (operator === "-" && operand.type === "integer_literal") {
      const { type, value } = integer(operand, true);
      return { type, run: () => value, constant: value };
    }
    return unary(operator, this.bind(operand), node);
  }

  private interpolated(node: Node): Bound {
    const pieces = interpolation(node).map((piece): Bound => {
      return "node" in piece
        ? this.bind(piece.node)
        : { type: StringType, run: () => piece.text, constant: piece.text };
    });
    return concatenation(pieces, node);
  }

  private creation(node: Node): Bound {
    const type = typeOf(field(node, "type"));
    const given = node.childForFieldName("arguments");
    if (!given || node.childForFieldName("initializer")) throw unsupported(node);
    const call = chooseOverload(
      `new ${type.name}`,
      type.constructors,
      this.arguments(parts(given)),
      undefined,
      node,
    );
    return { type, run: (run) => call.invoke(null, call.values(run), run) };
  }

  private array(node: Node): Bound {
    const initializer = parts(node).find((child) => child.type === "initializer_expression");
    if (!initializer) throw unsupported(node);
    const items = parts(initializer).map((item) => this.bind(item));
    const declared = node.childForFieldName("type");
    const type = declared ? typeOf(declared) : items[0] && arrayOf(items[0].type);
    if (type?.kind !== "array" || type.name === "byte[]") throw unsupported(node);
    const values = items.map((item) => convert(item, type.element as CsType, node));
    return { type, run: (run) => values.map((value) => value.run(run)) };
  }
}
