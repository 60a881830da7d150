import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Boxed } from "../../../../../sandbox/services/api-management/expressions/boxed.ts";
import type { ExpressionContext } from "../../../../../sandbox/services/api-management/expressions/context.ts";
import { CsException } from "../../../../../sandbox/services/api-management/expressions/exception.ts";
import { compileExpression } from "../../../../../sandbox/services/api-management/expressions/expression.ts";
import { Int } from "../../../../../sandbox/services/api-management/expressions/primitives.ts";
import { endOfExpression } from "../../../../../sandbox/services/api-management/expressions/scan.ts";
import { Guid } from "../../../../../sandbox/services/api-management/expressions/values.ts";
import {
  Body,
  Headers,
  RequestMessage,
  ResponseMessage,
} from "../../../../../sandbox/services/api-management/messages.ts";
import { Url } from "../../../../../sandbox/services/api-management/url.ts";

const now = Date.parse("2026-03-04T05:06:07.089Z");

function contextWith(changes: Partial<ExpressionContext> = {}): ExpressionContext {
  const url = new Url(new URL("https://flow.example.com/v1/employees/7?Detail=full&x=1&x=2"));
  const headers = Headers.fromRaw(["X-Terminal-Id", "oslo-1", "Accept", "a", "Accept", "b"]);
  return {
    api: { id: "flow", name: "Flow", path: "flow", revision: "1", version: null },
    operation: { id: "get", method: "GET", name: "Get", urlTemplate: "/v1/employees/{badge}" },
    subscription: null,
    request: new RequestMessage("GET", url, headers, null),
    originalUrl: url,
    ipAddress: "192.0.2.1",
    matchedParameters: new Map([["badge", "7"]]),
    response: null,
    lastError: null,
    variables: new Map(),
    serviceName: "example",
    region: "Norway East",
    requestId: new Guid("00000000-0000-0000-0000-000000000001"),
    receivedAt: now - 1500,
    ...changes,
  };
}

const answer = (text: string) =>
  contextWith({
    variables: new Map([["r", new ResponseMessage(200, "OK", new Headers(), new Body(Buffer.from(text)))]]),
  });

const evaluate = (source: string, context = contextWith()) =>
  compileExpression(source).run({ context, now: () => now });

const thrown = (source: string, context = contextWith()): string => {
  const expression = compileExpression(source);
  try {
    expression.run({ context, now: () => now });
  } catch (error) {
    if (error instanceof CsException) return error.type;
    throw error;
  }
  return "nothing";
};

test.each([
  ["1 + 2 * 3 - 4", 3],
  ["(1 + 2) * 3 % 4", 1],
  ["7 / 2", 3],
  ["-7 / 2", -3],
  ["7 / 2.0", 3.5],
  ["2147483647 + 1L", 2147483648n],
  ["0xFF + 0b11", 258],
  ["'a' + 1", 98],
  ["(char)98", "b"],
  ["(int)3.9", 3],
  ["(1 + 1).ToString() + true.ToString() + (1.5).ToString() + 2L.ToString()", "2True1.52"],
  ["1 < 2 && !(2 < 1) || false", true],
  ["1 == 1L", true],
  ["\"a\" + 1 + true + null + 'c'", "a1Truec"],
  ['1 + 2 + "a"', "3a"],
  ['"a" == "a" ? "yes" : "no"', "yes"],
  ['"tab\\t\\u0041\\x42\\n"', "tab\tAB\n"],
  ['@"c:\\d ""q"""', 'c:\\d "q"'],
  ['$"a {1 + 1} {{b}} {"c" + "d"} {(true ? "x" : "y")}"', "a 2 {b} cd x"],
  ['$@"\\{1}"', "\\1"],
  ['string.IsNullOrEmpty("") && String.IsNullOrWhiteSpace(" ")', true],
  ['string.Equals("A", "a", StringComparison.OrdinalIgnoreCase)', true],
  ['"A".Equals("a", StringComparison.Ordinal)', false],
  ['"  x ".Trim() + "xxaxx".Trim(\'x\')', "xa"],
  ["\"Bearer abc\".Split(' ').Last()", "abc"],
  ["\"a,b,,c\".Split(new char[] { ',' }, StringSplitOptions.RemoveEmptyEntries).Length", 3],
  ['"a--b".Split(new string[] { "--" }, StringSplitOptions.None)[1]', "b"],
  ['"abcdef".Substring(2, 3) + "abc".Substring(1)', "cdebc"],
  ['"O\'Brien".Replace("\'", "\'\'")', "O''Brien"],
  ['string.Format("{0}-{1}", "a", 2)', "a-2"],
  ['string.Concat("a", "b") + string.Join(",", "x", "y") + string.Join("-", new[] { "p", "q" })', "abx,yp-q"],
  ["\"ab\"[1] == 'b'", true],
  ['"abc".IndexOf("c") + "abc".IndexOf(\'b\')', 3],
  ["\"7\".PadLeft(3, '0')", "007"],
  ['Uri.EscapeDataString("a b/c\'(é)")', "a%20b%2Fc%27%28%C3%A9%29"],
  ['Regex.IsMatch("oslo-1", "^[a-z0-9-]+$")', true],
  ['Regex.IsMatch("oslo-1\\n", "^[a-z0-9-]+$")', true],
  ['Regex.IsMatch("oslo-1\\n", "^[a-z0-9-]+\\\\z")', false],
  ['Regex.IsMatch("٣", @"^\\d$")', true],
  ['Regex.Match("max-age=60", @"max-age=(?<age>\\d+)").Groups["age"]?.Value', "60"],
  ['Regex.Match("x", "(y)").Groups[1].Success', false],
  ['Regex.Replace("a1b2", "[0-9]", "_")', "a_b_"],
  ['int.Parse(" 42 ") + Math.Max(1, 2)', 44],
  ['Convert.ToBase64String(Encoding.UTF8.GetBytes("é"))', "w6k="],
  ['Encoding.UTF8.GetString(Convert.FromBase64String("w6k="))', "é"],
  ['BitConverter.ToString(Encoding.ASCII.GetBytes("AZ"))', "41-5A"],
  ['DateTime.UtcNow.ToString("o")', "2026-03-04T05:06:07.0890000Z"],
  ['System.DateTime.UtcNow.ToString("R")', "Wed, 04 Mar 2026 05:06:07 GMT"],
  ['DateTime.UtcNow.AddMinutes(-1).ToString("yyyy-MM-ddTHH:mm:ssZ")', "2026-03-04T05:05:07Z"],
  ["(DateTime.UtcNow - context.Timestamp).TotalSeconds", 1.5],
  ["context.Elapsed.TotalMilliseconds > 1000", true],
  ["Guid.NewGuid() == Guid.NewGuid()", false],
  ["context.RequestId.ToString()", "00000000-0000-0000-0000-000000000001"],
  ['context.Request.Headers.GetValueOrDefault("x-terminal-id", "")', "oslo-1"],
  ['context.Request.Headers.GetValueOrDefault("X-None", "none")', "none"],
  ['context.Request.Headers.GetValueOrDefault("accept")', "a,b"],
  ['context.Request.Headers["Accept"].First() + context.Request.Headers["Accept"][1]', "ab"],
  ['context.Request.Headers.ContainsKey("X-None")', false],
  ["context.Request.Method + context.Request.IpAddress", "GET192.0.2.1"],
  ["context.Request.Url.Path + context.Request.Url.QueryString", "/v1/employees/7?Detail=full&x=1&x=2"],
  ['context.Request.Url.Query.GetValueOrDefault("detail", "")', "full"],
  ['context.Request.Url.Query["x"].Length', 2],
  ['context.Request.MatchedParameters["badge"]', "7"],
  ["context.Api.Name + context.Operation.Id + context.Deployment.Region", "FlowgetNorway East"],
  ["context.Subscription?.Id == null", true],
  ["context.Subscription?.Id.Length ?? -1", -1],
  ['context.LastError?.Reason ?? "none"', "none"],
  ["context.Request.Body == null", true],
  ["context.Response == null", true],
  ['context.Variables.GetValueOrDefault<string>("none") == null', true],
  ['context.Variables.GetValueOrDefault("none", "d")', "d"],
  ['context.Variables.GetValueOrDefault<bool>("none", true)', true],
  [
    'new JObject(new JProperty("a", 1), new JProperty("b", "x")).ToString(Formatting.None)',
    '{"a":1,"b":"x"}',
  ],
  [
    'new JObject(new JProperty("a", new JArray(1, true))).ToString()',
    '{\r\n  "a": [\r\n    1,\r\n    true\r\n  ]\r\n}',
  ],
  ['((IResponse)context.Variables["r"]) == null ? 1 : 2', 1],
])("%s", (source, expected) => {
  const variables = new Map<string, unknown>([["r", null]]);
  expect(evaluate(source, contextWith({ variables }))).toEqual(expected);
});

test("what is as deep as can be still runs", () => {
  const letters = 'context.Request.Method + "" + ';
  expect(evaluate(`(${letters.repeat(240)}"").Length`)).toBe(720);
});

test("a key is hashed as the program hashes it", () => {
  const key = "s3cret+/=";
  const variables = new Map([["key", key]]);
  const source =
    'Convert.ToBase64String(SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes((string)context.Variables["key"])))';
  expect(evaluate(source, contextWith({ variables }))).toBe(
    createHash("sha256").update(key).digest("base64"),
  );
  expect(
    evaluate(
      'BitConverter.ToString(new HMACSHA256(Encoding.UTF8.GetBytes("k")).ComputeHash(Encoding.UTF8.GetBytes("d"))).Length',
    ),
  ).toBe(95);
});

test("JSON of a lookup is read as Json.NET reads it", () => {
  const json =
    '{"s":"x","n":null,"i":7,"f":1.5,"b":true,"o":{"k":[1,"two"]},"d":"2026-03-04T05:06:07Z","big":9007199254740993}';
  const body = '((IResponse)context.Variables["r"]).Body.As<JObject>()';
  const of = (rest: string) => evaluate(`${rest.replace("$", () => body)}`, answer(json));
  expect(of('(string)$["s"]')).toBe("x");
  expect(of('(string)$["none"]')).toBe(null);
  expect(of('(string)$["n"]')).toBe(null);
  expect(of('$["n"] == null')).toBe(false);
  expect(of('$["none"] == null')).toBe(true);
  expect(of('(int)$["i"] + 1')).toBe(8);
  expect(of('(long)$["big"]')).toBe(9007199254740993n);
  expect(of('(int?)$["none"] ?? 5')).toBe(5);
  expect(of('(double)$["f"]')).toBe(1.5);
  expect(of('(bool)$["b"] == true')).toBe(true);
  expect(of('(string)$["b"]')).toBe("True");
  expect(of('(string)$["o"]["k"][1]')).toBe("two");
  expect(of('$["o"]?["none"]?["deeper"] == null')).toBe(true);
  expect(of('$.Value<string>("s")')).toBe("x");
  expect(evaluate('JObject.Parse("{}").Value<int>("none") + JToken.Parse("7").Value<int>()')).toBe(7);
  expect(of('(string)$["d"]')).toBe("03/04/2026 05:06:07");
  expect(of('$["o"].ToString(Newtonsoft.Json.Formatting.None)')).toBe('{"k":[1,"two"]}');
  expect(of('$.ContainsKey("s")')).toBe(true);
});

test.each([
  ["context.Subscription.Id", "NullReferenceException"],
  ["context.Response.StatusCode", "NullReferenceException"],
  ["(context.Subscription?.Id).Length", "NullReferenceException"],
  ['context.Request.Headers["None"]', "KeyNotFoundException"],
  ['context.Variables["none"]', "KeyNotFoundException"],
  ["((string)null).Length", "NullReferenceException"],
  ['1 / context.Variables.GetValueOrDefault<int>("zero")', "DivideByZeroException"],
  ['(int)context.Variables["text"]', "InvalidCastException"],
  ['(long)context.Variables["int"]', "InvalidCastException"],
  ['(bool)context.Variables["nothing"]', "NullReferenceException"],
  ['context.Variables.GetValueOrDefault<bool>("text")', "InvalidCastException"],
  ['"abc".Substring(2, 5)', "ArgumentOutOfRangeException"],
  ['"abc"[3]', "IndexOutOfRangeException"],
  ["\"\".Split('x')[1]", "IndexOutOfRangeException"],
  ['int.Parse("x")', "FormatException"],
  ['int.Parse("99999999999")', "OverflowException"],
  ['Convert.FromBase64String("a")', "FormatException"],
  ['Encoding.UTF8.GetBytes((string)context.Variables["nothing"])', "ArgumentNullException"],
  ['JObject.Parse("[1]")', "JsonReaderException"],
  ['JObject.Parse("{")', "JsonReaderException"],
  ['(int)JObject.Parse("{}")["x"]', "ArgumentNullException"],
  ['(string)JObject.Parse("{\\"a\\":{}}")["a"]', "ArgumentException"],
  ['JToken.Parse("1")["x"]', "InvalidOperationException"],
])("%s throws %s", (source, exception) => {
  const variables = new Map<string, unknown>([
    ["text", "x"],
    ["nothing", null],
  ]);
  const context = contextWith({ variables });
  const boxed = compileExpression("(object)7").run({ context, now: () => now });
  variables.set("int", boxed);
  expect(thrown(source, context)).toBe(exception);
});

test("a body is lost after it was read without preserveContent", () => {
  const twice = (first: string) =>
    `((IResponse)context.Variables["r"]).Body.As<string>(${first}) + ((IResponse)context.Variables["r"]).Body.As<string>()`;
  expect(evaluate(twice("preserveContent: true"), answer("x"))).toBe("xx");
  expect(evaluate(twice("true"), answer("x"))).toBe("xx");
  expect(thrown(twice(""), answer("x"))).toBe("InvalidOperationException");
});

test.each([
  ["", "empty"],
  ["1 +", "Syntax error"],
  ["1 2", "Syntax error"],
  ["1, 2", "not one single"],
  ["1); Foo(2", "not one single"],
  ["1) + (2", "not one single"],
  ["true) || (false", "not one single"],
  ["1); object x = (2", "not one single"],
  [Array(20_000).fill("1").join(" + "), "nested more than 500 deep"],
  [`${"(".repeat(5000)}1${")".repeat(5000)}`, "nested more than 500 deep"],
  [`1 ${"? 1 : 1 ".repeat(5000)}`, "nested more than 500 deep"],
  ['"\\U99999999"', "Unrecognized escape sequence '\\U99999999'"],
  ['"\\U00110000"', "Unrecognized escape sequence"],
  ["x", "'x' is unknown to the sandbox"],
  ["context.Foo", "not support the member 'Foo'"],
  ["context.request", "not support the member 'request'"],
  ["context.User.Id", "not support the member 'User'"],
  ['SHA256.HashData(Encoding.UTF8.GetBytes(""))', "not support the member 'HashData'"],
  ['System.IO.File.ReadAllText("x")', "unknown to the sandbox"],
  ['"a".GetType()', "not support the member 'GetType'"],
  ['"a".constructor', "not support the member 'constructor'"],
  ["context.Request.Headers.Where(h => true)", "does not support"],
  ['context.Variables["a"] == "b"', "compares references"],
  ['JObject.Parse("{}")["a"] == "b"', "compares references"],
  ['"a" == 1', "compares references"],
  ['"a" < "b"', "cannot be applied"],
  ["1 + true", "cannot be applied"],
  ['true ? 1 : "a"', "Type of conditional expression"],
  ["1 ? 2 : 3", "Cannot implicitly convert type 'int' to 'bool'"],
  ["!1", "cannot be applied"],
  ['(int)"1"', "Cannot convert type 'string' to 'int'"],
  ['"a".Substring("b")', "does not support 'Substring(string)'"],
  ["\"a\".Trim(chars: 'x')", "does not support 'Trim(chars: char)'"],
  ["context.Request.Body.As<int>()", "does not support 'As<int>()'"],
  ['context.Request.Headers.GetValueOrDefault<string>("x")', "does not support"],
  ['"a".StartsWith("b", StringComparison.InvariantCulture)', "not support the member 'InvariantCulture'"],
  ['Regex.IsMatch("a", context.Request.Method)', "must be a constant"],
  ['Regex.IsMatch("a", "(?i)a")', "is not supported by the sandbox"],
  ['Regex.IsMatch("a", "[")', "not supported by the sandbox"],
  ["DateTime.UtcNow.ToString()", "does not support 'ToString()'"],
  ['DateTime.UtcNow.ToString("D")', "with one of these constants"],
  ['DateTime.UtcNow.ToString("toString")', "with one of these constants"],
  ['DateTime.UtcNow.ToString("constructor")', "with one of these constants"],
  ['"" + DateTime.UtcNow', "is not supported by the sandbox"],
  ['string.Format("{0:x}", 1)', "placeholders such as {0}"],
  ['$"{1:x}"', "does not support"],
  ['$"{1,5}"', "does not support"],
  ["context.Subscription?.Id.Length + 1", "cannot be applied to 'int?' and 'int'"],
  ["1?.ToString()", "cannot be applied"],
  ["2147483648", "does not fit an int"],
  ["-2147483649", "does not fit an int"],
  ["9223372036854775808L", "does not fit a long"],
  ["2147483647 + 1", "overflows at compile time"],
  ["-(-2147483648)", "overflows at compile time"],
  ["-2147483648 / -1", "overflows at compile time"],
  ["9223372036854775807L + 1", "overflows at compile time"],
  ["(true ? 2147483647 : 0) + 1", "overflows at compile time"],
  ["'a' * 100000000", "overflows at compile time"],
  ["false && 1 / (1 - 1) == 0", "Division by constant zero"],
  ["1L % 0", "Division by constant zero"],
  ["(byte)300", "'300' cannot be converted to a 'byte'"],
  ["(byte)-1", "cannot be converted to a 'byte'"],
  ["(int)1e10", "cannot be converted to a 'int'"],
  ["(int)3000000000L", "cannot be converted to a 'int'"],
  ["(int)(0.0 / 0)", "cannot be converted to a 'int'"],
  ["(long)1e19", "cannot be converted to a 'long'"],
  ["(char)70000", "cannot be converted to a 'char'"],
  ["1e400", "outside the range"],
  ["'\\U0001F600'", "Too many characters"],
  ['"\u2028"', "Newline in constant"],
  ["1.5m", "does not support"],
  ['"\\q"', "Syntax error"],
  ["new JObject { }", "does not support"],
  ["new DateTime(1)", "does not support 'new DateTime(int)'"],
  ['context.Variables["a"] is string', "does not support"],
  ["typeof(string)", "does not support"],
  ['context.Variables["a"] = 1', "does not support"],
  ["1 << 2", "operator '<<'"],
  ["context", ""],
])("%s is refused", (source, reason) => {
  if (reason === "") return expect(() => compileExpression(source)).not.toThrow();
  expect(() => compileExpression(source)).toThrow(reason);
});

test("integer arithmetic is that of a 32-bit int, and constants must not overflow", () => {
  const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -9, max: 9 }));
  fc.assert(
    fc.property(int, int, fc.constantFrom("+", "-", "*", "<", ">=", "=="), (a, b, operator) => {
      const variables = new Map([["b", new Boxed(Int, b)]]);
      const value = evaluate(`(${a}) ${operator} (int)context.Variables["b"]`, contextWith({ variables }));
      const plain: Record<string, unknown> = {
        "+": (a + b) | 0,
        "-": (a - b) | 0,
        "*": Math.imul(a, b),
        "<": a < b,
        ">=": a >= b,
        "==": a === b,
      };
      const exact = new Map([
        ["+", BigInt(a) + BigInt(b)],
        ["-", BigInt(a) - BigInt(b)],
        ["*", BigInt(a) * BigInt(b)],
      ]).get(operator);
      if (exact !== undefined && BigInt.asIntN(32, exact) !== exact) {
        expect(() => compileExpression(`(${a}) ${operator} (${b})`)).toThrow("overflows");
      } else {
        expect(evaluate(`(${a}) ${operator} (${b})`)).toBe(plain[operator]);
      }
      return value === plain[operator];
    }),
  );
});

test("any text survives being written as a C# string, hashed, escaped and found again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      // What ends a line in C# cannot stand in a string as it is.
      const written = JSON.stringify(text)
        .replaceAll("\u0085", "\\u0085")
        .replaceAll("\u2028", "\\u2028")
        .replaceAll("\u2029", "\\u2029");
      // What an XML document cannot hold cannot stand in an expression unescaped.
      const raw = text.replace(/[^\P{Cc}\t\n]/gu, "");
      expect(evaluate(written)).toBe(text);
      expect(evaluate(`@"${raw.replaceAll('"', '""')}"`)).toBe(raw);
      expect(evaluate(`Uri.UnescapeDataString(Uri.EscapeDataString(${written}))`)).toBe(text.toWellFormed());
      expect(evaluate(`Convert.ToBase64String(Encoding.UTF8.GetBytes(${written}))`)).toBe(
        Buffer.from(text, "utf8").toString("base64"),
      );
      expect(evaluate(`$"{${written}}|{{"`)).toBe(`${text}|{`);
    }),
  );
});

test("the end of an expression is found whatever its strings contain", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, rest) => {
      const regular = `(${JSON.stringify(text)} + 'x' + ')' /* ) */)`;
      const verbatim = `(@"${text.replaceAll('"', '""')}" + $"{(1 + 1)}}}")`;
      expect(endOfExpression(regular + rest, 0)).toBe(regular.length);
      expect(endOfExpression(verbatim + rest, 0)).toBe(verbatim.length);
    }),
  );
  expect(endOfExpression("(a", 0)).toBe(undefined);
  expect(endOfExpression('("a)', 0)).toBe(undefined);
});

test("no text at all makes the compiler fail in another way than by naming a problem", () => {
  const word = fc.constantFrom(
    "context",
    ".",
    "(",
    ")",
    "[",
    "]",
    "?",
    "??",
    "?.",
    "Request",
    "Variables",
    '"x"',
    "1",
    "+",
    "==",
    "!",
    "(string)",
    '$"{',
    '}"',
    " ",
    "new",
    "JObject",
    "<",
    ">",
    "As",
    ",",
    "null",
    '@"',
    "'",
    "a:",
  );
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }).map((words) => words.join("")),
      (source) => {
        try {
          compileExpression(source);
        } catch (error) {
          expect((error as Error).name).toBe("Error");
          expect((error as Error).constructor.name).toBe("ExpressionProblem");
        }
      },
    ),
    { numRuns: 2000 },
  );
});
