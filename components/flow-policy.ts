/** Values of the Flow API's policy. */
export interface FlowPolicyArgs {
  /** URL of the table service with the key table, for example https://NAME.table.core.windows.net/ */
  tableEndpoint: string;
  /** Name of the key table. */
  tableName: string;
  /** ID of the API Management backend that is the Flow API. */
  backendId: string;
  /** Application ID URI of the Flow API. The gateway's managed identity requests its tokens for it. */
  backendAudience: string;
  /** Calls a minute that one terminal may make: 1 to 6000. */
  callsPerMinute: number;
}

/** Terminal IDs and customer IDs as the command line accepts them. The gateway rejects every other ID without a lookup. */
const terminalIdPattern = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$";
const customerIdPattern = "^[a-z0-9](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$";

/** Seconds to wait for the table. */
const lookupSeconds = 5;

const variable = (name: string) => `(string)context.Variables["${name}"]`;
const lookup = '((IResponse)context.Variables["lookup"])';
const row = (property: string) => `(string)((JObject)context.Variables["row"])["${property}"]`;

/**
 * The API policy of the Flow API, as an XML document.
 *
 * API Management itself checks the customer's subscription key before it runs the policy. The policy checks the terminal's
 * Flow key: it looks the terminal up in the key table on every call and caches nothing. A call passes only after all
 * checks. The answer is 401 for an unknown terminal, a wrong key and a revoked terminal alike, and 503 when the lookup
 * fails.
 *
 * @example
 * flowPolicy({
 *   tableEndpoint: "https://stflowkeysdevabc123.table.core.windows.net/",
 *   tableName: "terminalkeys",
 *   backendId: "flow",
 *   backendAudience: "api://11111111-2222-3333-4444-555555555555",
 *   callsPerMinute: 120,
 * });
 */
export function flowPolicy(args: FlowPolicyArgs): string {
  const table = `${args.tableEndpoint.replace(/\/$/, "")}/${args.tableName}`;
  const terminal = variable("terminal");
  const customer = variable("customer");
  const entity = `"${table}(PartitionKey='" + ${customer} + "',RowKey='" + ${terminal} + "')"`;
  const hash =
    "Convert.ToBase64String(System.Security.Cryptography.SHA256.Create().ComputeHash(" +
    'System.Text.Encoding.UTF8.GetBytes(context.Request.Headers.GetValueOrDefault("X-Terminal-Key", ""))))';

  return `<policies>
  <inbound>
    <base />
    ${setVariable("customer", "context.Subscription.Id")}
    ${setVariable("terminal", 'context.Request.Headers.GetValueOrDefault("X-Terminal-Id", "")')}
    ${setVariable("keyHash", hash)}
    <choose>
      ${when(
        `!Regex.IsMatch(${terminal}, "${terminalIdPattern}") || !Regex.IsMatch(${customer}, "${customerIdPattern}")`,
        unauthorized,
      )}
    </choose>
    <!-- Bounds guessing. The address is part of the key, so that nobody uses up a terminal's calls from elsewhere. -->
    ${limit(args.callsPerMinute, `${customer} + "/" + ${terminal} + "/" + context.Request.IpAddress`)}
    ${setVariable("lookupStarted", "true")}
    <send-request mode="new" response-variable-name="lookup" timeout="${lookupSeconds}" ignore-error="true">
      <set-url>${expression(entity)}</set-url>
      <set-method>GET</set-method>
      <set-header name="x-ms-version" exists-action="override"><value>2019-02-02</value></set-header>
      <set-header name="Accept" exists-action="override"><value>application/json;odata=nometadata</value></set-header>
      <authentication-managed-identity resource="https://storage.azure.com/" />
    </send-request>
    <choose>
      ${when('context.Variables.GetValueOrDefault<IResponse>("lookup") == null', unavailable)}
      ${when(`${lookup}.StatusCode != 200 && ${lookup}.StatusCode != 404`, unavailable)}
    </choose>
    ${setVariable("row", `${lookup}.Body.As<JObject>()`)}
    <choose>
      <!-- 404 is also what a missing table answers; that is a fault and no verdict on the terminal. -->
      ${when(
        `${lookup}.StatusCode == 404 && (string)((JObject)context.Variables["row"])["odata.error"]["code"] != "ResourceNotFound"`,
        unavailable,
      )}
      ${when(`${lookup}.StatusCode == 404`, unauthorized)}
      ${when(`${row("status")} != "active"`, unauthorized)}
      ${when(
        `${row("currentKeySha256")} != ${variable("keyHash")} && ${row("previousKeySha256")} != ${variable("keyHash")}`,
        unauthorized,
      )}
    </choose>
    ${setVariable("admitted", "true")}
    ${limit(args.callsPerMinute, `${customer} + "/" + ${terminal}`)}
    <!-- Neither key goes further than this. -->
    <set-header name="Ocp-Apim-Subscription-Key" exists-action="delete" />
    <set-query-parameter name="subscription-key" exists-action="delete" />
    <set-header name="X-Terminal-Key" exists-action="delete" />
    <set-header name="X-Terminal-Id" exists-action="override"><value>${expression(terminal)}</value></set-header>
    <set-header name="X-Customer-Id" exists-action="override"><value>${expression(customer)}</value></set-header>
    <set-backend-service backend-id="${args.backendId}" />
    <authentication-managed-identity resource="${xml(args.backendAudience)}" />
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <base />
  </outbound>
  <on-error>
    <base />
    <choose>
      <!-- Whatever failed between asking and being sure: the terminal was not judged. -->
      ${when('context.Variables.ContainsKey("lookupStarted") && !context.Variables.ContainsKey("admitted")', unavailable)}
    </choose>
  </on-error>
</policies>
`;
}

const unauthorized = answer(401, "Unauthorized", "Access denied: unknown terminal or key.", {
  "WWW-Authenticate": 'TerminalKey realm="flow", header="X-Terminal-Key"',
});

const unavailable = answer(
  503,
  "Service Unavailable",
  "The terminal could not be looked up. Try again shortly.",
  {
    "Retry-After": "5",
  },
);

function answer(code: number, reason: string, message: string, headers: Record<string, string>): string {
  const all = { "Content-Type": "application/json", ...headers };
  const lines = Object.entries(all).map(
    ([name, value]) =>
      `<set-header name="${name}" exists-action="override"><value>${xml(value)}</value></set-header>`,
  );
  return [
    "<return-response>",
    `<set-status code="${code}" reason="${reason}" />`,
    ...lines,
    `<set-body>${xml(JSON.stringify({ statusCode: code, message }))}</set-body>`,
    "</return-response>",
  ].join("");
}

function setVariable(name: string, code: string): string {
  return `<set-variable name="${name}" value="${expression(code)}" />`;
}

function when(condition: string, then: string): string {
  return `<when condition="${expression(condition)}">${then}</when>`;
}

function limit(calls: number, key: string): string {
  return `<rate-limit-by-key calls="${calls}" renewal-period="60" counter-key="${expression(key)}" />`;
}

/** A policy expression, escaped for an attribute or a text of the document. */
function expression(code: string): string {
  return xml(`@(${code})`);
}

function xml(value: string): string {
  return value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
