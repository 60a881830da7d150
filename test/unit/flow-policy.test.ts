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
  maxRequestBytes: 1000,
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

test("the API policy is well-formed XML with all four sections, each with <base /> but the backend's", () => {
  expect(XMLValidator.validate(policy)).toBe(true);
  expect(Object.keys(sections)).toEqual(["inbound", "backend", "outbound", "on-error"]);
  // API Management allows one policy in the backend section.
  for (const section of ["inbound", "outbound", "on-error"]) {
    expect(sections[section]!.children[0]?.name).toBe("base");
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
    timeout: "3",
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
  expect(conditions.at(-1)).toBe(
    '@(context.Request.Headers.GetValueOrDefault("Ocp-Apim-Subscription-Key", "") == "" || Regex.IsMatch(System.Uri.UnescapeDataString(System.Uri.UnescapeDataString(context.Request.OriginalUrl.QueryString)).ToLowerInvariant(), "(subscription-key|x-terminal-key)"))',
  );
  expect(position(sets("lookupStarted"))).toBeLessThan(lookup);

  const after = inbound.slice(admitted + 1);
  const removed = after
    .filter(({ attributes }) => attributes["exists-action"] === "delete")
    .map(({ attributes }) => attributes.name);
  const lookalikes = ["X_Terminal_Id", "X_Terminal-Id", "X-Terminal_Id"];
  expect(removed).toEqual([
    ...["Ocp-Apim-Subscription-Key", "X-Terminal-Key"],
    ...lookalikes,
    ...lookalikes.map((name) => name.replace("Terminal", "Customer")),
  ]);
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

/** What a return-response sends, as text. */
const responses = (element: Element | undefined) =>
  everything(element!)
    .filter(({ name }) => name === "return-response")
    .map((response) => ({
      code: Number(response.children.find(({ name }) => name === "set-status")?.attributes.code),
      body: JSON.parse(response.children.find(({ name }) => name === "set-body")!.text),
      headers: response.children
        .filter(({ name }) => name === "set-header")
        .map(({ attributes, children }) => `${attributes.name}: ${children[0]?.text}`),
    }));

test("every refused key gets the same 401, whichever section refuses it", () => {
  const refusals = everything(parse(policy)).flatMap((element) =>
    element.name === "return-response" ? responses(element).filter(({ code }) => code === 401) : [],
  );
  expect(refusals).toHaveLength(5);
  expect(responses(sections["on-error"]).some(({ code }) => code === 401)).toBe(true);
  for (const refusal of refusals) {
    expect(refusal).toEqual({
      code: 401,
      body: { statusCode: 401, message: "Access denied: unknown terminal or key." },
      headers: ["Content-Type: application/json", 'WWW-Authenticate: TerminalKey realm="flow"'],
    });
  }
});

test("answers name their status, and all that a caller may repeat have Retry-After and a request ID", () => {
  const answers = responses(parse(policy));
  expect([...new Set(answers.map(({ code }) => code))].sort()).toEqual([400, 401, 411, 413, 503, 504]);
  for (const { code, body, headers } of answers) {
    expect(body.statusCode).toBe(code);
    const isRepeatable = code >= 500;
    expect(headers.includes("Retry-After: 5")).toBe(isRepeatable);
    expect(headers.includes("X-Request-Id: @(context.RequestId.ToString())")).toBe(isRepeatable);
  }
});

test("a refused subscription key costs the same lookup as a refused Flow key", () => {
  const [inInbound, inOnError] = [inbound, everything(sections["on-error"]!)].map(
    (elements) => elements.find(({ name }) => name === "send-request")!,
  );
  const withoutUrl = ({ attributes, children }: Element) => ({
    attributes,
    children: children.filter(({ name }) => name !== "set-url"),
  });
  expect(withoutUrl(inOnError!)).toEqual(withoutUrl(inInbound!));
  expect(inOnError!.children.find(({ name }) => name === "set-url")?.text).toBe(
    `@("https://keys.table.core.windows.net/terminalkeys(PartitionKey='-',RowKey='-')")`,
  );
});

test("reads are sent to the Flow API at most twice, each for three seconds, and writes once", () => {
  const [retry] = sections.backend!.children;
  expect(sections.backend!.children).toHaveLength(1);
  expect(retry).toMatchObject({
    name: "retry",
    attributes: {
      condition:
        '@(context.Request.Method == "GET" && (context.Response == null || context.Response.StatusCode >= 500))',
      count: "1",
      interval: "1",
      "first-fast-retry": "true",
    },
  });
  expect(retry!.children).toEqual([
    { name: "forward-request", attributes: { timeout: "3" }, children: [], text: "" },
  ]);
});

test("a setting with XML characters cannot add an element to the API policy", () => {
  const hostile = flowPolicy({ ...args, backendAudience: 'api://x" /><cache-lookup /><a b="' });
  expect(XMLValidator.validate(hostile)).toBe(true);
  expect(everything(parse(hostile)).some(({ name }) => name === "cache-lookup")).toBe(false);
});

test("the gateway accepts the same terminal IDs and customer IDs as the command line", () => {
  const patternOf = (name: string) => {
    const value = inbound.find(sets(name))!.attributes.value!;
    return new RegExp(/, "(\^[^"]*\$)"\) \?/.exec(value)![1]!);
  };
  const [terminal, customer] = [patternOf("terminal"), patternOf("customer")];
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
