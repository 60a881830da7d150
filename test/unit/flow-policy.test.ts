import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { customerId, terminalId } from "../../cli/lib/ids.ts";
import { flowPolicy } from "../../components/flow-policy.ts";

const args = {
  tableEndpoint: "https://keys.table.core.windows.net/",
  tableName: "terminalkeys",
  backendId: "flow",
  backendAudience: "api://flow",
  callsPerMinute: 60,
};
const policy = flowPolicy(args);

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** Parses the document. The order of the elements is kept: an API policy runs them in order. */
function parse(xml: string): Element {
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "" });
  const convert = (node: Record<string, unknown>): Element => {
    const name = Object.keys(node).find((key) => key !== ":@")!;
    const inner = node[name] as Record<string, unknown>[];
    return {
      name,
      attributes: (node[":@"] ?? {}) as Record<string, string>,
      children: inner.filter((child) => !("#text" in child)).map(convert),
      text: inner.map((child) => child["#text"] ?? "").join(""),
    };
  };
  return convert(parser.parse(xml)[0]);
}

const everything = (element: Element): Element[] => [element, ...element.children.flatMap(everything)];
const sections = Object.fromEntries(parse(policy).children.map((section) => [section.name, section]));
const inbound = sections.inbound!.children;
const position = (matches: (element: Element) => boolean) => inbound.findIndex(matches);
const sets = (name: string) => (element: Element) =>
  element.name === "set-variable" && element.attributes.name === name;

test("the API policy is well-formed XML with all four sections, each with <base />", () => {
  expect(XMLValidator.validate(policy)).toBe(true);
  expect(Object.keys(sections)).toEqual(["inbound", "backend", "outbound", "on-error"]);
  for (const section of Object.values(sections)) {
    expect(section.children[0]?.name).toBe("base");
  }
});

test("every policy expression is a single expression with balanced brackets", () => {
  const expressions = everything(parse(policy))
    .flatMap(({ attributes, text }) => [...Object.values(attributes), text])
    .filter((value) => value.startsWith("@"));
  expect(expressions.length).toBeGreaterThan(15);
  for (const expression of expressions) {
    expect(expression).toMatch(/^@\(.*\)$/s);
    let depth = 0;
    for (const character of expression.replace(/"[^"]*"/g, "")) {
      if (character === "(") depth++;
      if (character === ")") depth--;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect(depth).toBe(0);
  }
});

test("the gateway looks the terminal up on every call with its managed identity, and caches nothing", () => {
  const request = inbound.find(({ name }) => name === "send-request")!;
  expect(request.attributes).toEqual({
    mode: "new",
    "response-variable-name": "lookup",
    timeout: "5",
    "ignore-error": "true",
  });
  expect(request.children.find(({ name }) => name === "set-url")?.text).toBe(
    `@("https://keys.table.core.windows.net/terminalkeys(PartitionKey='" + (string)context.Variables["customer"] + "',RowKey='" + (string)context.Variables["terminal"] + "')")`,
  );
  expect(request.children.find(({ name }) => name === "authentication-managed-identity")?.attributes).toEqual(
    {
      resource: "https://storage.azure.com/",
    },
  );
  expect(policy).not.toMatch(/<cache-/);
});

test("a call passes only after all checks, and both keys are removed before the backend", () => {
  const lookup = position(({ name }) => name === "send-request");
  const admitted = position(sets("admitted"));
  const checks = inbound.slice(lookup + 1, admitted).filter(({ name }) => name === "choose");
  const conditions = checks.flatMap(({ children }) => children.map(({ attributes }) => attributes.condition));
  expect(conditions.join("\n")).toContain("StatusCode != 200");
  expect(conditions.join("\n")).toContain('["status"] != "active"');
  expect(conditions.join("\n")).toContain('["currentKeySha256"]');
  expect(conditions.join("\n")).toContain('["previousKeySha256"]');
  expect(position(sets("lookupStarted"))).toBeLessThan(lookup);

  const after = inbound.slice(admitted + 1);
  const removed = after
    .filter(({ attributes }) => attributes["exists-action"] === "delete")
    .map(({ attributes }) => attributes.name);
  expect(removed).toEqual(["Ocp-Apim-Subscription-Key", "subscription-key", "X-Terminal-Key"]);
  expect(after.some(({ name }) => name === "set-backend-service")).toBe(true);
  expect(after.at(-1)?.attributes).toEqual({ resource: "api://flow" });
});

test("the calls of a terminal are limited by address before the lookup, and in total after it", () => {
  const limits = inbound.filter(({ name }) => name === "rate-limit-by-key");
  expect(limits.map(({ attributes }) => attributes.calls)).toEqual(["60", "60"]);
  expect(limits[0]?.attributes["counter-key"]).toContain("context.Request.IpAddress");
  expect(limits[1]?.attributes["counter-key"]).toBe(
    '@((string)context.Variables["customer"] + "/" + (string)context.Variables["terminal"])',
  );
});

test("every rejected terminal gets the same 401, and every failed lookup the same 503", () => {
  const answers = everything(parse(policy)).filter(({ name }) => name === "return-response");
  const shapes = answers.map(({ children }) => ({
    code: children.find(({ name }) => name === "set-status")?.attributes.code,
    body: JSON.parse(children.find(({ name }) => name === "set-body")!.text),
  }));
  expect(new Set(shapes.map(({ code }) => code))).toEqual(new Set(["401", "503"]));
  for (const { code, body } of shapes) expect(body.statusCode).toBe(Number(code));
  expect(new Set(shapes.map(({ body }) => body.message)).size).toBe(2);
});

test("a setting with XML characters cannot add an element to the API policy", () => {
  const hostile = flowPolicy({ ...args, backendAudience: 'api://x" /><cache-lookup /><a b="' });
  expect(XMLValidator.validate(hostile)).toBe(true);
  expect(everything(parse(hostile)).some(({ name }) => name === "cache-lookup")).toBe(false);
});

test("the gateway accepts the same terminal IDs and customer IDs as the command line", () => {
  const first = inbound.find(({ name }) => name === "choose")!.children[0]!.attributes.condition!;
  const [terminal, customer] = [...first.matchAll(/Regex\.IsMatch\([^,]*, "([^"]*)"\)/g)].map(
    ([, pattern]) => new RegExp(pattern!),
  );
  const unit = fc.constantFrom(..."az09-A'_ø");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 70 }), (id) => {
      expect(terminal!.test(id)).toBe(terminalId.safeParse(id).success);
      expect(customer!.test(id)).toBe(customerId.safeParse(id).success);
    }),
    {
      numRuns: 2000,
      examples: [["ab"], ["abc"], ["a--b"], ["a".repeat(63)], ["a".repeat(64)], ["a".repeat(40)]],
    },
  );
});
