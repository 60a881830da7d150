import { expect, test } from "vitest";
import type { ExpressionContext } from "../../../../../sandbox/services/api-management/expressions/context.ts";
import { compileExpression } from "../../../../../sandbox/services/api-management/expressions/expression.ts";
import { ExpressionProblem } from "../../../../../sandbox/services/api-management/expressions/grammar.ts";
import { Body, Headers, RequestMessage } from "../../../../../sandbox/services/api-management/messages.ts";
import { Url } from "../../../../../sandbox/services/api-management/url.ts";

const json = {
  a: "text",
  n: 7,
  yes: true,
  o: { 'x)["<y>(': "odd", inner: { deep: "down" } },
  list: [1, 2],
};

/** Evaluates C# in which BODY stands for a call with a type argument on the request's body. */
function evaluate(source: string): unknown {
  const url = new Url(new URL("https://flow.example.com/"));
  const request = new RequestMessage("POST", url, new Headers(), new Body(Buffer.from(JSON.stringify(json))));
  const variables = new Map<string, unknown>([["key", "a"]]);
  const context = { request, variables } as unknown as ExpressionContext;
  const code = source.replaceAll("BODY", "context.Request.Body.As<JObject>(true)");
  return compileExpression(code).run({ context, now: () => 0 });
}

// A cast binds weaker than members, calls and indexers: C# standard, 12.4.2 "Operator precedence and associativity".
test.each([
  ['(string)BODY["a"]', "text"],
  ['(int)BODY["n"]', 7],
  ['(bool)BODY["yes"]', true],
  ['(long)BODY["n"]', 7n],
  ['(double)BODY["n"]', 7],
  ['(int?)BODY["missing"] ?? 1', 1],
  ['(Newtonsoft.Json.Linq.JObject)BODY["o"] == null', false],
  ['((JObject)BODY["o"]).Count', 2],
  ['(string)((JObject)BODY["o"])["inner"]["deep"]', "down"],
  ['(string)((JObject)((JObject)BODY["o"])["inner"])["deep"]', "down"],
  ['(string)(object)(string)BODY["a"]', "text"],
  ['((string)BODY["a"]).Length', 4],
  ['(string)BODY["a"] + "!"', "text!"],
  ['1 + (int)BODY["n"] * 2 - (int)BODY["n"]', 8],
  ['-(int)BODY["n"]', -7],
  ['!(bool)BODY["yes"]', false],
  ['(int)-(int)BODY["n"]', -7],
  ['(int)BODY["n"] < 8 && (int)BODY["n"] > (6)', true],
  ['(bool)BODY["yes"] ? (string)BODY["a"] : (string)BODY["o"]', "text"],
  ['(string)BODY["o"]["x)[\\"<y>("]', "odd"],
  ['(string)BODY["o"][@"x)[""<y>("]', "odd"],
  ['(string)BODY[(string)context.Variables.GetValueOrDefault<string>("key")]', "text"],
  ['(string)BODY[((string)BODY["a"]).Substring(0, 0) + "a"]', "text"],
  ['string.Concat((string)BODY["a"], "<", (string)BODY["a"], ">(")', "text<text>("],
  ['$"<{(string)BODY["a"]}>({(int)BODY["n"]})"', "<text>(7)"],
  ['$@"{(string)BODY["a"]}""-{$"{(string)BODY["a"]}"}"', 'text"-text'],
  ['"(int)a.As<B>(" + (string)BODY["a"]', "(int)a.As<B>(text"],
  ['(string)BODY?["a"]', "text"],
  ['(string)context.Request?.Body?.As<JObject>(true)?["missing"]?["deep"]', null],
  ['(int)BODY.GetValue("n")', 7],
  ['(string)BODY["o"]["inner"].Value<string>("deep").ToUpper()', "DOWN"],
  ['(string)context.Request.Body.As < JObject > ( true ) [ "a" ]', "text"],
  ['(string) /* a ) */ context.Request // (\n.Body.As<JObject>(preserveContent: true)["a"]', "text"],
  ["(string)context.Request.Body.As<string>(true)", JSON.stringify(json)],
  ["((string)context.Request.Body.As<string>(true)).Length > 3", true],
  ['(JArray)BODY["list"] == null', false],
  ['(int)((JArray)BODY["list"])[1]', 2],
  ["((int)3.5) < (4)", true],
])("a cast takes the whole chain after it: %s", (source, value) => {
  expect(evaluate(source as string)).toEqual(value);
});

test.each([
  ['(string)BODY.Wrong["a"]', "does not support the member 'Wrong' of 'JObject'", 0, "Wrong"],
  ['"a" +\n(string)BODY["a"].Wrong', "does not support the member 'Wrong' of 'JToken'", 1, "Wrong"],
  ['"a" +\n\n(string)wrong.As<JObject>(true)["a"]', "The name 'wrong' is unknown", 2, "wrong"],
  ['(Wrong)BODY["a"]', "The name 'Wrong' is unknown", 0, "Wrong"],
  ['(string)BODY["a"', "Syntax error", 0, undefined],
  ['(string)BODY["a" + ")', "Syntax error", 0, undefined],
  ["(string)context.Request.Body.As<int>(true)", "does not support 'As<int>(bool)'", 0, "As"],
  ["(string)context.Request.Body.As<Wrong>(true)", "The name 'Wrong' is unknown", 0, "Wrong"],
  ["(StringComparison)BODY", "Cannot convert type 'JObject' to 'StringComparison'", 0, undefined],
  ['$@"{(string)BODY["a"]}""{1}"', "that the sandbox does not support", 0, undefined],
  ['$"{(string)BODY["a"]}{{{1}}}"', "that the sandbox does not support", 0, undefined],
])("what is wrong after a cast is named with its line: %s", (source, message, row, wrongName) => {
  const problem = (() => {
    try {
      return evaluate(source);
    } catch (error) {
      return error;
    }
  })();
  expect(problem).toBeInstanceOf(ExpressionProblem);
  expect((problem as Error).message).toContain(message);
  expect(problem).toMatchObject({ row, wrongName });
});
