import fc from "fast-check";
import { afterAll, afterEach, expect, test } from "vitest";
import { checkPolicy } from "../../../../sandbox/services/api-management/policy-check.ts";
import { policyWith } from "./gateway-cloud.ts";
import { LocalGateway, returns } from "./local-gateway.ts";

const gateway = await LocalGateway.open();
const { azure } = gateway;
afterEach(() => gateway.clear());
afterAll(() => gateway.close());

const check = (inbound: string, value: string) =>
  checkPolicy(policyWith({ inbound }), {
    format: "rawxml",
    namedValue: (name) => (name === "nv" ? value : undefined),
  }).map(({ message }) => message);

const condition = (code: string) => `<choose><when condition="@(${code})">${returns("in")}</when></choose>`;

test.each(["true) || (false", "1) + (2", "true); object x = (false", "true)", "(true", 'true /* " */) + ("'])(
  "a named value that closes the expression around it is refused: %s",
  (value) => {
    expect(check(condition("{{nv}}"), value)).toEqual([expect.stringContaining("With '{{nv}}' put in")]);
    expect(check('<set-variable name="a" value="@({{nv}})" />', value)).toHaveLength(1);
  },
);

test.each([
  ['context.Request.Foo == "{{nv}}"', "The sandbox does not support the member 'Foo' of 'IRequest'."],
  ['context.Request.Foo() == "{{nv}}"', "The sandbox does not support the member 'Foo' of 'IRequest'."],
  ['foo == "{{nv}}"', "The name 'foo' is unknown to the sandbox."],
  [
    '(string)context.Request.Body.As<JObject>(true).Foo == "{{nv}}"',
    "The sandbox does not support the member 'Foo' of 'JObject'.",
  ],
  ['(string)context.Request.Body.As<Foo>(true) == "{{nv}}"', "The name 'Foo' is unknown to the sandbox."],
  ['(string)context.Request.Body.As<int>(true) == "{{nv}}"', "The sandbox does not support 'As<int>(bool)'."],
])("a wrong name that the policy itself contains is named also beside a named value: %s", (code, message) => {
  expect(check(condition(code), "secret")).toEqual([expect.stringContaining(message)]);
});

test("a wrong name that comes from a named value is not repeated", () => {
  for (const code of ["context.Request.{{nv}} == 1", "{{nv}} == 1", "Foo.{{nv}}()"]) {
    const [message] = check(condition(code), "topSecret");
    expect(message).not.toContain("topSecret");
  }
});

test("named values stand in every attribute and text, and may be expressions themselves", async () => {
  azure.put("namedValues", "name", { displayName: "name", value: "X-Named" });
  azure.put("namedValues", "code", { displayName: "code", value: "@(context.Request.Method + 1)" });
  azure.put("namedValues", "part", { displayName: "part", value: '"a" + "b"' });
  azure.put("namedValues", "nested", { displayName: "nested", value: "{{name}}" });
  gateway.run({
    inbound: `<set-variable name="{{name}}" value="{{code}}" />
      <return-response>
        <set-header name="{{name}}" exists-action="override"><value>@((string)context.Variables["{{name}}"] + ({{part}}).Length)</value></set-header>
        <set-body>{{nested}}</set-body>
      </return-response>`,
  });
  const answer = await gateway.get();
  expect([answer.headers["x-named"], answer.body]).toEqual(["GET12", "{{name}}"]);
});

test("a backend may be named by a named value", () => {
  const xml = policyWith({ inbound: '<base /><set-backend-service backend-id="{{nv}}" />' });
  const known = { namedValue: () => "flow", hasBackend: (id: string) => id === "flow" };
  expect(checkPolicy(xml, known)).toEqual([]);
  expect(checkPolicy(xml, { ...known, namedValue: () => "s3cret-id" })[0]?.message).toContain(
    "Backend with id '{{nv}}' could not be found.",
  );
});

test("no message of the check repeats any part of a named value", () => {
  const places = [
    condition("{{nv}}"),
    condition('context.Api.Id == "{{nv}}"'),
    condition('$"{{nv}}" == "x"'),
    condition("context.{{nv}}"),
    condition('Regex.IsMatch("a", "{{nv}}")'),
    '<set-variable name="a" value="{{nv}}" />',
    '<set-header name="{{nv}}" exists-action="{{nv}}"><value>{{nv}}</value></set-header>',
    '<rate-limit-by-key calls="{{nv}}" renewal-period="60" counter-key="k" />',
    '<check-header name="X" failed-check-httpcode="{{nv}}" failed-check-error-message="x" ignore-case="{{nv}}" />',
    '<trace source="{{nv}}" severity="{{nv}}"><message>{{nv}}</message></trace>',
    '<set-backend-service base-url="{{nv}}" /><set-backend-service backend-id="{{nv}}" />',
  ];
  // Unlike anything in a policy or a message, but with all that ends a piece of C# or XML.
  const secret = fc
    .array(fc.constantFrom("QZ", "zq", '"', "'", ")", "(", "}", "{", "\\", " ", "+", "<", "&", "//", "\n"), {
      minLength: 3,
      maxLength: 12,
    })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom(...places), secret, (inbound, value) => {
      for (const message of check(inbound, value)) expect(message).not.toMatch(/QZ|zq/);
    }),
    { numRuns: 1000 },
  );
});

test("a secret that no longer fits the policy is not told in the log", async () => {
  const secret = (value: string) =>
    azure.put("namedValues", "key", { displayName: "shared-key", value, secret: true });
  secret("s3cr3t");
  gateway.run({
    inbound: `<base />${condition('context.Request.Headers.GetValueOrDefault("X", "") == "{{shared-key}}"')}`,
  });
  expect((await gateway.get("/flow/x", { x: "s3cr3t" })).body).toBe("in");
  secret('N3W"S3CR3T-value');
  expect((await gateway.get("/flow/x", { x: "s3cr3t" })).status).toBe(500);
  expect(azure.log.join("\n")).toContain("With '{{shared-key}}' put in");
  expect(azure.log.join("\n")).not.toMatch(/S3CR3T|N3W/);
});

test("what a policy traces is logged without the secrets in it", async () => {
  azure.put("namedValues", "key", { displayName: "shared-key", value: "N3W-S3CR3T", secret: true });
  gateway.run({
    inbound: `<trace source="t"><message>@("of " + "{{shared-key}}")</message></trace><set-variable name="x" value="@(int.Parse("{{shared-key}}"))" />`,
  });
  expect((await gateway.get()).status).toBe(500);
  expect(azure.log.join("\n")).toContain("t: of {{shared-key}}");
  expect(azure.log.join("\n")).not.toContain("N3W-S3CR3T");
});

test.each([
  ['<set-variable name="" value="1" />', "'name' must not be empty"],
  [
    '<send-request response-variable-name=" "><set-url>https://a</set-url><set-method>GET</set-method></send-request>',
    "'response-variable-name' must not be empty",
  ],
  ['<set-variable name="{{nv}}" value="1" />', "'name' must not be empty"],
  ['<set-header name="a b: c"><value>x</value></set-header>', "no name that a header may have"],
  ['<set-header name="{{nv}}"><value>x</value></set-header>', "no name that a header may have"],
])("a policy that would do nothing is refused: %s", (inbound, reason) => {
  expect(check(inbound, "").join()).toContain(reason);
});
