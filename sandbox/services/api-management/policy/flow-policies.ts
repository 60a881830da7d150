import { ByteArray } from "../expressions/arrays.ts";
import { box } from "../expressions/conversions.ts";
import { JTokenType } from "../expressions/json.ts";
import {
  Bool,
  Byte,
  Char,
  DateTimeType,
  Double,
  GuidType,
  Int,
  Long,
  NullType,
  ObjectType,
  StringType,
  TimeSpanType,
} from "../expressions/primitives.ts";
import type { CsType } from "../expressions/types.ts";
import type { Evaluate } from "./reader.ts";
import { type Policy, runSteps, type Step } from "./step.ts";

const everywhere = ["inbound", "backend", "outbound", "on-error"] as const;

/** set-variable: a literal is a string; an expression's value keeps its type. */
export const setVariable: Policy = {
  sections: everywhere,
  read(reader) {
    const name = reader.constant("name", { required: true });
    const value = reader.anything("value", { required: true, expressions: true });
    if (value && !isVariable(value.type)) {
      reader.problem(`A variable takes no value of type '${value.type.name}'.`);
    }
    if (!name || !value) return undefined;
    return (exchange) => {
      exchange.variables.set(name, box(value.type, value.evaluate(exchange)));
      return undefined;
    };
  },
};

/**
 * Whether a variable may hold a type: plain values and byte[], as "Set variable" lists them, and JSON, which is
 * not listed but is stored by many published policies. The type of an object is known at run time only.
 */
function isVariable(type: CsType): boolean {
  if (type.kind === "nullable") return isVariable(type.element!);
  return plainTypes.includes(type) || type === JTokenType || type.base === JTokenType;
}

const plainTypes = [
  ...[Bool, Byte, Char, DateTimeType, Double, GuidType, Int, Long, StringType, TimeSpanType],
  ...[ByteArray, ObjectType, NullType],
];

/** choose: the first `when` whose condition holds, else `otherwise`. */
export const choose: Policy = {
  sections: everywhere,
  read(reader, steps) {
    const branches: { condition: Evaluate<boolean>; steps: Step[] }[] = [];
    const children = reader.takeChildren();
    for (const [index, child] of children.entries()) {
      const whens = children.slice(0, index + 1).filter((each) => each.name === "when").length;
      const inner = reader.inside(
        child,
        `${reader.path}/${child.name}${child.name === "when" ? `[${whens}]` : ""}`,
      );
      const last = index === children.length - 1;
      if (child.name !== "when" && (child.name !== "otherwise" || !last)) {
        reader.problem("Inside 'choose' stand 'when' elements and one 'otherwise' at the end.", child);
        continue;
      }
      const condition =
        child.name === "when"
          ? inner.boolean("condition", { required: true, expressions: true })
          : () => true;
      const nested = steps(inner.takeChildren(), inner);
      inner.finish();
      if (condition) branches.push({ condition, steps: nested });
    }
    if (children[0]?.name !== "when") reader.problem("The element 'when' is required.");
    return (exchange) => {
      const branch = branches.find(({ condition }) => condition(exchange));
      return branch ? runSteps(branch.steps, exchange) : undefined;
    };
  },
};

const secretName = /key|authorization|token|cookie|secret/i;

/** trace: a line in the sandbox's log, without values of secret-looking headers and query parameters. */
export const trace: Policy = {
  sections: everywhere,
  read(reader) {
    const source = reader.constant("source", { required: true });
    const severity = reader.choice("severity", ["verbose", "information", "error"]) ?? "verbose";
    const [message, ...more] = reader.elements("message").map((element) => reader.inside(element));
    const text = message?.content();
    message?.finish();
    if (!message || more.length > 0) reader.problem("One element 'message' is required.");
    const metadata = reader.elements("metadata").map((element) => {
      const inner = reader.inside(element);
      const pair = {
        name: inner.string("name", { required: true, expressions: true }),
        value: inner.string("value", { required: true, expressions: true }),
      };
      inner.finish();
      return pair;
    });
    return (exchange) => {
      const words = metadata.map(({ name, value }) => `${name?.(exchange)}=${value?.(exchange)}`);
      const line = [`trace ${severity}`, `${source}:`, text?.(exchange) ?? "", ...words].join(" ");
      // The traced text may hold line breaks of the caller: the log gets one line.
      exchange.services.log(withoutSecrets(line, exchange.sentIn(secretName)).replace(/[\r\n]+/g, " "));
      return undefined;
    };
  },
};

function withoutSecrets(line: string, secrets: string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), line);
}
