import fc from "fast-check";
import { expect, test } from "vitest";
import { flowPolicy } from "../../../../components/flow-policy.ts";
import { checkPolicy } from "../../../../sandbox/services/api-management/policy-check.ts";

const policy = (inbound: string, rest = "<backend><base/></backend><outbound><base/></outbound>") =>
  `<policies>\n  <inbound>\n    ${inbound}\n  </inbound>\n${rest}\n</policies>`;

const messages = (xml: string, format: "xml" | "rawxml" = "rawxml") =>
  checkPolicy(xml, { format }).map(({ message }) => message);

test("the program's own policy is run in full", () => {
  const xml = flowPolicy({
    tableEndpoint: "https://keys.table.core.windows.net/",
    tableName: "terminalkeys",
    backendId: "flow",
    backendAudience: "api://flow-example",
    callsPerMinute: 60,
    maxRequestBytes: 1000,
  });
  expect(checkPolicy(xml)).toEqual([]);
});

const accepted = `<set-variable name="id" value="@(context.Request.Headers.GetValueOrDefault("X-Id","") + (1 < 2 && true ? ">" : ")"))" />
    <set-header name="A" exists-action="append"><value>@("<" + context.Api.Id)</value><value>plain</value></set-header>
    <!-- a comment with @(nonsense -->
    <choose>
      <when condition="@(context.Variables.GetValueOrDefault<string>("id") == "x")">
        <return-response><set-status code="401" reason="No" /><set-header name="B"><value>1</value></set-header><set-body>@("<a>")</set-body></return-response>
      </when>
      <otherwise><trace source="t" severity="information"><message>@("m")</message><metadata name="n" value="v"/></trace></otherwise>
    </choose>
    <check-header name="X" failed-check-httpcode="400" failed-check-error-message="no" ignore-case="true"><value>a</value></check-header>
    <rate-limit calls="1" renewal-period="60" remaining-calls-header-name="R" />
    <rate-limit-by-key id="limit" calls="5" renewal-period="60" counter-key="@(context.Request.IpAddress)" increment-condition="@(context.Response.StatusCode == 200)" />
    <set-query-parameter name="q" exists-action="delete" />
    <rewrite-uri template="/x/{y}" copy-unmatched-params="false" />
    <set-backend-service base-url="https://flow.example.com" />
    <set-body><![CDATA[<x/>]]></set-body>
    <authentication-managed-identity resource="https://storage.azure.com/" ignore-error="false" />
    <send-request mode="copy" response-variable-name="r" timeout="5" ignore-error="true">
      <set-url>@("https://a.example.com/" + context.Request.Method)</set-url>
    </send-request>`;

test("expressions stand as they are in rawxml, and escaped in xml", () => {
  expect(messages(policy(accepted))).toEqual([]);
  const escaped = policy(
    '<set-variable name="a" value="@(context.Request.Headers.GetValueOrDefault(&quot;X&quot;,&quot;&quot;) + (1 &lt; 2 &amp;&amp; true))" />',
  );
  expect(messages(escaped, "xml")).toEqual([]);
  expect(messages(escaped, "rawxml").join()).toMatch(/line 3, column 6: .*Syntax error/);
  expect(messages(policy(accepted), "xml").join()).toMatch(/'rawxml' takes them as they are/);
});

test.each([
  [
    "<cors><x/></cors>",
    "Error in element 'cors' on line 3, column 6: 'cors' is not a policy that the sandbox runs.",
  ],
  ['<validate-jwt header-name="Authorization" />', "'validate-jwt' is not a policy"],
  ['<include-fragment fragment-id="x" />', "'include-fragment' is not a policy"],
  [
    '<set-header name="a" exist-action="delete"><value>x</value></set-header>',
    "'exist-action' is not supported by the sandbox",
  ],
  ['<set-header name="a" exists-action="remove" />', "'remove' is not taken"],
  ['<set-header name="a" />', "'value' is required"],
  ['<set-header exists-action="delete" />', "'name' is required"],
  ['<set-header name="Content-Length" exists-action="delete" />', "cannot be modified"],
  ['<set-header name="a"><value>x</value><values>y</values></set-header>', "Error in element 'values'"],
  ['<set-header name="a">text<value>x</value></set-header>', "Text is not taken"],
  ['<set-variable name="@("a")" value="1" />', "takes no expression"],
  ['<set-variable name="a" value="@{ return 1; }" />', "several statements"],
  ['<set-variable name="a" value="b @(1)" />', "cannot be mixed"],
  ['<set-variable name="a" value="@(1)@(2)" />', "cannot be mixed"],
  ['<set-variable name="a" value="@(1" />', "has no end"],
  ['<set-variable name="a" value="@(context.Nothing)" />', "not support the member 'Nothing'"],
  ['<set-variable name="a" value="{{none}}" />', "Cannot find a property 'none'"],
  [
    '<set-header name="a"><value>@(1)</value></set-header>',
    "Cannot implicitly convert type 'int' to 'string'",
  ],
  ['<choose><when condition="@(1)"><base/></when></choose>', "'int' to 'bool'"],
  ['<choose><when condition="yes"></when></choose>', "neither 'true' nor 'false'"],
  ["<choose><otherwise /></choose>", "'when' is required"],
  ['<choose><when condition="true"><cors /></when></choose>', "Error in element 'cors'"],
  ['<choose><when condition="true"><base /></when></choose>', "'base' is not a policy"],
  ["<base /><base />", "only once"],
  ['<base x="1" />', "'x' is not supported"],
  ["<forward-request />", "not allowed in the section 'inbound'"],
  [
    '<send-request response-variable-name="r"><set-method>GET</set-method></send-request>',
    "set-url and set-method are required",
  ],
  [
    '<send-request response-variable-name="r" timeout="1.5"><set-url>https://a</set-url><set-method>GET</set-method></send-request>',
    "not a whole number",
  ],
  [
    '<send-request response-variable-name="r"><set-method>GET</set-method><set-url>https://a</set-url></send-request>',
    "It must come earlier",
  ],
  [
    "<send-request><set-url>https://a</set-url><set-method>GET</set-method></send-request>",
    "'response-variable-name' is required",
  ],
  [
    '<send-request response-variable-name="r"><set-url>https://a</set-url><set-method>GET</set-method><authentication-certificate thumbprint="x"/></send-request>',
    "Error in element 'authentication-certificate'",
  ],
  [
    '<return-response><set-body template="liquid">x</set-body></return-response>',
    "'template' is not supported",
  ],
  ['<return-response><set-status code="9" reason="x"/></return-response>', "not a whole number from 200"],
  ['<return-response><set-status code="101" reason="x"/></return-response>', "not a whole number from 200"],
  ['<set-header name="Server" exists-action="delete" />', "Removal of the header 'Server'"],
  [
    '<send-request response-variable-name="r"><set-url></set-url><set-method>GET</set-method></send-request>',
    "Error in element 'set-url' on line 3, column 47: It must not be empty",
  ],
  [
    '<send-request mode="copy" response-variable-name="r"><set-url>https://a</set-url><set-method/></send-request>',
    "Error in element 'set-method'",
  ],
  ["<set-backend-service />", "is required"],
  ['<set-variable name="a" value="@(context.Request)" />', "no value of type 'IRequest'"],
  ['<set-variable name="a" value="@(context.Response)" />', "no value of type 'IResponse'"],
  ['<set-variable name="a" value="@("a,b".Split(\',\'))" />', "no value of type 'string[]'"],
  [
    '<rate-limit calls="1" renewal-period="1" remaining-calls-header-name="a b" />',
    "'remaining-calls-header-name' is no name that a header may have",
  ],
  ['<set-backend-service base-url="https://a" backend-id="b" />', "Only one"],
  [
    '<set-backend-service sf-partition-key="x" base-url="https://a" />',
    "'sf-partition-key' is not supported",
  ],
  ['<rate-limit-by-key calls="1" renewal-period="301" counter-key="k" />', "from 1 to 300"],
  ['<rate-limit calls="1" renewal-period="1" /><rate-limit calls="1" renewal-period="1" />', "only once"],
  [
    '<rate-limit calls="1" renewal-period="1"><api name="x" calls="1" renewal-period="1" /></rate-limit>',
    "Error in element 'api'",
  ],
  ['<quota-by-key calls="1" renewal-period="300" counter-key="k" />', "The v2 tiers"],
  ['<authentication-managed-identity resource="a" client-id="b" />', "'client-id' is not supported"],
  ['<check-header name="a" />', "'failed-check-httpcode' is required"],
])("%s is refused", (inbound, reason) => {
  expect(messages(policy(inbound)).join("\n")).toContain(reason);
});

test.each([
  ["<policies><inbound></policies>", /closing tag/],
  ["<inbound/>", /root element must be 'policies'/],
  ["<policies/><policies/>", /one root element/],
  ["<policies><inbound/><inbound/></policies>", /only once/],
  ["<policies><outbond/></policies>", /Error in element 'outbond'/],
  ["<policies>\n<inbound a='<'/></policies>", /Line 2/],
  ["<policies><inbound><set-variable name='a' value='b &amp c' /></inbound></policies>", /no entity/],
  ["<!DOCTYPE x [<!ENTITY y 'z'>]><policies/>", /document type/],
  [
    "<policies><backend><set-variable name='a' value='b'/><forward-request/></backend></policies>",
    /backend section allows only one policy to be specified/,
  ],
  ["<policies><backend><forward-request timeout='x'/></backend></policies>", /not a whole number/],
  [
    "<policies><backend><forward-request follow-redirects='true'/></backend></policies>",
    /'true' is not taken/,
  ],
  [
    "<policies><backend><authentication-managed-identity resource='x'/></backend></policies>",
    /not allowed in the section 'backend'/,
  ],
  [
    "<policies><on-error><set-body>x</set-body></on-error></policies>",
    /not allowed in the section 'on-error'/,
  ],
  [
    "<policies><inbound>\n<set-variable name='a' value='&#x99999999;'/></inbound></policies>",
    /&#x99999999;.*Line 2/,
  ],
  ["<policies><inbound><set-variable name='a' value='&#0;'/></inbound></policies>", /no character/],
  [
    "<policies><inbound><set-variable name='a' value='&#xe100;&#xe100;'/></inbound></policies>",
    /no character/,
  ],
  ["<policies><inbound><set-variable name='a' value='&constructor;'/></inbound></policies>", /no entity/],
  [
    "<policies><inbound>\n<set-variable name='a' value='\u0001'/></inbound></policies>",
    /none of XML's. Line 2/,
  ],
  ["<policies><inbound><set-variable __proto__='x' name='a' value='b'/></inbound></policies>", /__proto__/],
  ["<policies><inbound><constructor/><__proto__/></inbound></policies>", /constructor/],
  ["", /./],
])("%s is refused", (xml, reason) => {
  expect(messages(xml).join("\n")).toMatch(reason);
});

test("any number of expressions keep apart", () => {
  const bodies = Array.from({ length: 4200 }, () => '<set-body>@("")</set-body>');
  const faulty = bodies
    .with(4100, "<set-body>@(x4100)</set-body>")
    .with(4150, "<set-body>@(y4150)</set-body>");
  expect(messages(policy(bodies.join("")))).toEqual([]);
  expect(messages(policy(faulty.join("")))).toEqual([
    expect.stringContaining("'x4100'"),
    expect.stringContaining("'y4150'"),
  ]);
});

test("documents that are too large or too deep are refused", () => {
  expect(messages(policy(`<!-- ${"x".repeat(256 * 1024)} -->`))).toEqual(["A policy has 256 KiB at most."]);
  const nested = (depth: number) =>
    policy(`${'<choose>\n<when condition="true">'.repeat(depth)}${"</when></choose>".repeat(depth)}`);
  expect(messages(nested(49))).toEqual([]);
  expect(messages(nested(50))).toEqual([expect.stringMatching(/100 deep .* Line 52\./)]);
  expect(messages(nested(5000))).toHaveLength(1);
});

test("problems come with their lines, all at once", () => {
  const xml = policy(
    '<cors />\n    <set-variable name="a" value="@(1 +\n      context.None)" />\n    <xslt />',
  );
  const problems = checkPolicy(xml, { format: "rawxml" });
  expect(problems.map(({ line }) => line)).toEqual([3, 4, 6]);
  expect(problems[1]?.message).toContain("(line 2 of the expression)");
});

test("named values and backends are looked up", () => {
  const xml = policy(
    '<set-header name="a"><value>{{greeting}}</value></set-header><set-backend-service backend-id="flow" />',
  );
  const known = {
    namedValue: (name: string) => (name === "greeting" ? "hi" : undefined),
    hasBackend: (id: string) => id === "flow",
  };
  expect(checkPolicy(xml, known)).toEqual([]);
  expect(checkPolicy(xml, { ...known, hasBackend: () => false })[0]?.message).toContain(
    "Backend with id 'flow' could not be found.",
  );
  expect(
    checkPolicy(policy('<set-variable name="a" value="@("{{greeting}}".Length)" />'), {
      ...known,
      format: "rawxml",
    }),
  ).toEqual([]);
});

test("the tiers differ", () => {
  const xml = policy('<quota-by-key calls="10" renewal-period="3600" counter-key="k" />');
  expect(checkPolicy(xml, { tier: "classic" })).toEqual([]);
});

test("a quota's periods are long, and begin at a time that says its zone", () => {
  const quota = (more: string) =>
    checkPolicy(policy(`<quota-by-key calls="10" counter-key="k" ${more} />`), { tier: "classic" }).map(
      ({ message }) => message,
    );
  expect(quota('renewal-period="0"')).toEqual([]);
  expect(quota('renewal-period="300" first-period-start="2026-01-01T00:00:00Z"')).toEqual([]);
  expect(quota('renewal-period="299"')).toEqual([expect.stringContaining("from 300 to 2147483647 or 0")]);
  expect(quota('renewal-period="300" first-period-start="2026-01-01"')).toEqual([
    expect.stringContaining("yyyy-MM-ddTHH:mm:ssZ"),
  ]);
});

test("no document makes the check fail in another way than by naming problems", () => {
  const piece = fc.constantFrom(
    "<policies>",
    "</policies>",
    "<inbound>",
    "</inbound>",
    "<base/>",
    "<choose>",
    "</choose>",
    '<when condition="',
    '">',
    "@(",
    ")",
    "context",
    '"',
    "'",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&",
    "<",
    ">",
    "{{x}}",
    "\n",
    "@{",
    "}",
    "\ue000",
    "<a b='",
    "'/>",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 15 }), fc.constantFrom("xml", "rawxml"), (pieces, format) => {
      const xml = pieces.join("");
      expect(Array.isArray(checkPolicy(xml, { format: format as "xml" }))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
