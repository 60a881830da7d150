import fc from "fast-check";
import { expect, test } from "vitest";
import { Boxed } from "../../../../../sandbox/services/api-management/expressions/boxed.ts";
import type { ExpressionContext } from "../../../../../sandbox/services/api-management/expressions/context.ts";
import { CsException } from "../../../../../sandbox/services/api-management/expressions/exception.ts";
import { compileExpression } from "../../../../../sandbox/services/api-management/expressions/expression.ts";
import { Double, Int, Long } from "../../../../../sandbox/services/api-management/expressions/primitives.ts";

const variables = new Map<string, unknown>([
  ["min", new Boxed(Int, -(2 ** 31))],
  ["longMin", new Boxed(Long, -(2n ** 63n))],
  ["minus", new Boxed(Int, -1)],
  ["large", new Boxed(Double, 1e10)],
  ["nan", new Boxed(Double, Number.NaN)],
  ["n", new Boxed(Int, 300)],
  ["none", null],
]);
const types: Record<string, string> = { longMin: "long", large: "double", nan: "double", none: "string" };

/** Runs C# in which $name stands for a variable. */
function run(source: string, more: Record<string, unknown> = {}): unknown {
  const context = {
    variables: new Map([...variables, ...Object.entries(more)]),
  } as unknown as ExpressionContext;
  const code = source.replace(
    /\$(\w+)/g,
    (_, name: string) =>
      `((${name in more ? "string" : (types[name] ?? "int")})context.Variables["${name}"])`,
  );
  try {
    return compileExpression(code).run({ context, now: () => Date.parse("2026-03-04T05:06:07.089Z") });
  } catch (error) {
    if (error instanceof CsException) return error.type;
    throw error;
  }
}

// What C# gives for these was seen with mono 6.8, whose library is .NET Framework's where they are the same.
test.each([
  ["$min / $minus", "OverflowException"],
  ["$min % $minus", "OverflowException"],
  ["$longMin / $minus", "OverflowException"],
  ["-$min", -(2 ** 31)],
  ["$min - 1", 2 ** 31 - 1],
  ["-2147483648", -(2 ** 31)],
  ["-9223372036854775808L", -(2n ** 63n)],
  ["(int)($longMin + 1)", 1],
  ["(int)$large", -(2 ** 31)],
  ["(int)$nan", -(2 ** 31)],
  ["(long)$nan", -(2n ** 63n)],
  ["(byte)$large", 0],
  ["(byte)$n", 44],
  ["(byte)(-1.0 * $n)", 212],
  ["(char)$n", "\u012c"],
  ["1 / -(0.0 * $n)", Number.NEGATIVE_INFINITY],
  ["5 % -3", 2],
  ["-5 % 3", -2],
  ["5.5 % -2", 1.5],
  ["(1.0 / 3).ToString()", "0.333333333333333"],
  ["(0.1 + 0.2).ToString()", "0.3"],
  ["100000000000000.0.ToString()", "100000000000000"],
  ["1e15.ToString()", "1E+15"],
  ["1234567890123456.0.ToString()", "1.23456789012346E+15"],
  ["(123456789012345678.0).ToString()", "1.23456789012346E+17"],
  ["0.0001.ToString()", "0.0001"],
  ["0.00001.ToString()", "1E-05"],
  ["(-0.0).ToString()", "0"],
  ['"a--b".Split(new[] { "-", "--" }, StringSplitOptions.None).Length', 3],
  ['"a b".Split(new string[] { "" }, StringSplitOptions.None).Length', 1],
  ['" \\u200b a".Trim().Length', 3],
  ['"\\ufeffa".Trim().Length', 2],
  ['"\\u0085\\u2003a\\u3000".Trim().Length', 1],
  ['string.IsNullOrWhiteSpace("\\ufeff")', false],
  ['"\\u0131\\u017f\\u00b5\\u00df\\u0149\\u00ff".ToUpper()', "\u0131\u017f\u00b5\u00df\u0149\u0178"],
  ['"\\u0130A\\u03a3\\u212a".ToLower()', "\u0130a\u03c3\u212a"],
  ['string.Equals("\\u017f", "s", StringComparison.OrdinalIgnoreCase)', false],
  ['string.Equals("\\u0131", "i", StringComparison.OrdinalIgnoreCase)', false],
  ['string.Equals("\\u00e6", "\\u00c6", StringComparison.OrdinalIgnoreCase)', true],
  ["\"x\".PadLeft($minus, 'x')", "ArgumentOutOfRangeException"],
  ['$none.Substring(int.Parse("x"))', "FormatException"],
  ['$none.Substring(int.Parse("1"))', "NullReferenceException"],
  ['"abc".LastIndexOf("")', 2],
  ['int.Parse("\\t5\\v\\0")', 5],
  ['int.Parse("5\\u00a0")', "FormatException"],
  ['int.Parse("5\\ufeff")', "FormatException"],
  ['int.Parse("2147483648")', "OverflowException"],
  ['long.Parse("9223372036854775808")', "OverflowException"],
  ['long.Parse("-9223372036854775808")', -(2n ** 63n)],
  ['bool.Parse("\\u00a0True\\0")', true],
  ['Uri.UnescapeDataString("%ff|%c3%28|a%2fb%c3%a5%|%e2%82%ac%e2%82")', "%FF|%C3(|a/b\u00e5%|\u20ac%E2%82"],
  ['string.Format("{{{0}}}", 1)', "{1}"],
  ["DateTime.UtcNow.AddDays(1e12) > DateTime.UtcNow", "ArgumentOutOfRangeException"],
  ["DateTime.UtcNow.AddDays(1.0 / 0) > DateTime.UtcNow", "ArgumentOutOfRangeException"],
  ["(DateTime.UtcNow.AddSeconds(0.0015) - DateTime.UtcNow).TotalMilliseconds", 2],
  ["(DateTime.UtcNow.AddSeconds(-0.0015) - DateTime.UtcNow).TotalMilliseconds", -2],
])("%s", (source, expected) => {
  expect(run(source)).toEqual(expected);
});

const written = (json: string) => run("JToken.Parse($json).ToString(Formatting.None)", { json });

// From Json.NET's source: JsonTextReader, DateTimeParser, JsonConvert and JavaScriptUtils.
test.each([
  ['{"b":1,"10":2,"2":3,"__proto__":4}', '{"b":1,"10":2,"2":3,"__proto__":4}'],
  ['{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
  [
    "[0.30000000000000004,0.1,1.0,100e0,-0,12345678901234567890123]",
    "[0.30000000000000004,0.1,1.0,100.0,0,12345678901234567890123]",
  ],
  ["[1e20,1e15,1234567890123456.0,1e-5,1.5e300]", "[1E+20,1E+15,1234567890123456.0,1E-05,1.5E+300]"],
  [
    '["2020-01-01T00:00:00Z","2020-01-01T00:00:00","2020-01-01T00:00:00.1234567Z"]',
    '["2020-01-01T00:00:00Z","2020-01-01T00:00:00","2020-01-01T00:00:00.1234567Z"]',
  ],
  [
    '["2020-01-01T00:00:00.500z","2020-01-01T00:00:00+02:00","0001-01-01T00:00:00+0200"]',
    '["2020-01-01T00:00:00.5Z","2019-12-31T22:00:00+00:00","0001-01-01T00:00:00+00:00"]',
  ],
  [
    '["2020-02-30T00:00:00","2020-01-01","2020-01-01T00:00","2020-01-01T24:00:00","2020-01-01T00:00:00.12345678","0000-01-01T00:00:00"]',
    '["2020-02-30T00:00:00","2020-01-01","2020-01-01T00:00","2020-01-01T24:00:00","2020-01-01T00:00:00.12345678","0000-01-01T00:00:00"]',
  ],
  [
    '["/Date(1234656000000)/","\\/Date(0+0100)\\/","/Date(x)/"]',
    '["2009-02-15T00:00:00Z","1970-01-01T00:00:00+00:00","/Date(x)/"]',
  ],
  [
    '["\\u0001\\u0085\\u2028\\"\\\\\\/\\b\\f\\n\\r\\t\\u007f<>&\'é😀"]',
    '["\\u0001\\u0085\\u2028\\"\\\\/\\b\\f\\n\\r\\t\u007f<>&\'é😀"]',
  ],
  [" [ ] ", "[]"],
  ["1e400", "JsonReaderException"],
  [`${"[".repeat(64)}${"]".repeat(64)}`, `${"[".repeat(64)}${"]".repeat(64)}`],
  [`${"[".repeat(65)}${"]".repeat(65)}`, "JsonReaderException"],
  [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "JsonReaderException"],
])("Json.NET reads and writes %.60s", (json, expected) => {
  expect(written(json)).toBe(expected);
});

test("a date in JSON is the same whatever the machine's time zone is", () => {
  const zone = process.env.TZ;
  try {
    process.env.TZ = "America/New_York";
    expect(new Date(2020, 0, 1).getTimezoneOffset()).toBe(300);
    expect(written('"2020-01-01T00:00:00"')).toBe('"2020-01-01T00:00:00"');
    expect(run("(string)JToken.Parse($json)", { json: '"2020-01-01T00:00:00"' })).toBe("01/01/2020 00:00:00");
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test("values come out of JSON as its casts give them", () => {
  const of = (cast: string, json: string) => run(`(${cast})JToken.Parse($json)`, { json });
  expect(of("long", "9223372036854775807")).toBe(2n ** 63n - 1n);
  expect(of("long", "9223372036854775808")).toBe("OverflowException");
  expect(of("long", '"9223372036854775808"')).toBe("OverflowException");
  expect(of("long", "1e300")).toBe("OverflowException");
  expect(of("double", "12345678901234567890123")).toBe(1.2345678901234568e22);
  expect(of("int", "2.5")).toBe(2);
  expect(of("int", "-3.5")).toBe(-4);
  expect(of("string", "0.30000000000000004")).toBe("0.3");
  expect(of("string", '"0020-01-02T03:04:05Z"')).toBe("01/02/0020 03:04:05");
  expect(
    run('((DateTime)JToken.Parse($json)).ToString("o")', { json: '"2020-01-01T00:00:00.1234567"' }),
  ).toBe("2020-01-01T00:00:00.1234567");
  const json = (property: string) =>
    run(`new JObject(new JProperty("a", ${property})).ToString(Formatting.None)`);
  expect(json("(byte)$n")).toBe('{"a":44}');
  expect(json("'x'")).toBe('{"a":"x"}');
  expect(json("1.0 / 0")).toBe('{"a":"Infinity"}');
  expect(json("DateTime.UtcNow")).toBe('{"a":"2026-03-04T05:06:07.089Z"}');
  expect(run('new JObject(new JProperty("a", 1), new JProperty("a", 2)).Count')).toBe("ArgumentException");
});

test("any JSON keeps its meaning and its order", () => {
  const value = fc.jsonValue({ maxDepth: 5 }).map((each) => JSON.stringify(each));
  const key = fc.oneof(fc.nat().map(String), fc.stringMatching(/^[a-z0-9{}":,]{0,5}$/));
  const keys = fc.uniqueArray(key, { maxLength: 8 });
  fc.assert(
    fc.property(value, keys, (text, names) => {
      expect(JSON.parse(written(text) as string)).toEqual(JSON.parse(text));
      const json = `{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join(",")}}`;
      expect(written(json)).toBe(json);
    }),
  );
});
