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
  /** Maximum size of a request body in bytes: 0 to 999999. */
  maxRequestBytes: number;
}

/** Whether the method of a call is one with a body. A GET can have one too: it is null without one. */
const needsBody = 'Regex.IsMatch(context.Request.Method, "^(POST|PUT|PATCH)$")';

/**
 * The gateway's headers with underscores in place of hyphens. Programs that get headers as variables, by CGI or WSGI
 * (RFC 3875, section 4.1.18), cannot tell these from the gateway's own.
 */
const lookalikeHeaders = ["X-Terminal-Id", "X-Customer-Id"].flatMap((name) => {
  const [first, second, third] = name.split("-");
  return [`${first}_${second}_${third}`, `${first}_${second}-${third}`, `${first}-${second}_${third}`];
});

/** Terminal IDs and customer IDs as the command line accepts them. */
const terminalIdPattern = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$";
const customerIdPattern = "^[a-z0-9](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$";

/** Is looked up in place of an ID that no terminal or customer can have, so that every refusal takes one lookup. */
const noId = "-";

/**
 * Seconds to wait for the table, and for each of the two attempts at the Flow API. Together they are less than the ten
 * seconds after which a terminal gives up.
 */
const lookupSeconds = 3;
const backendSeconds = 3;

/** Seconds after which a caller may try again, in Retry-After. */
const retrySeconds = 5;

/** Names under which API Management takes the subscription key. Only the header is accepted. */
export const subscriptionKeyNames = {
  header: "Ocp-Apim-Subscription-Key",
  query: "subscription-key",
} as const;

const variable = (name: string) => `(string)context.Variables["${name}"]`;
const header = (name: string) => `context.Request.Headers.GetValueOrDefault("${name}", "")`;
const lookup = '((IResponse)context.Variables["lookup"])';
const row = (property: string) => `(string)((JObject)context.Variables["row"])["${property}"]`;
const noAnswer = 'context.Variables.GetValueOrDefault<IResponse>("lookup") == null';

/**
 * The API policy of the Flow API, as an XML document.
 *
 * API Management itself checks the customer's subscription key before it runs the policy, and continues in on-error when
 * it refuses the key (api-management/api-management-error-handling-policies, source "authorization"). The policy checks the
 * terminal's Flow key: it looks the terminal up in the key table on every call and caches nothing. A call passes only after
 * all checks.
 *
 * Every refused key gets the same 401 after one lookup: a missing or wrong subscription key, a subscription key in the query,
 * an unknown terminal, a wrong Flow key and a revoked terminal. API Management has no setting to switch the query parameter
 * off: it reads the query when the header is absent (api-management/api-management-subscriptions). A failed lookup is 503 for
 * all of them. One difference remains: rate limits are not available in on-error, so that only a caller with a valid
 * subscription key can get 429.
 *
 * @example
 * flowPolicy({
 *   tableEndpoint: "https://stflowkeysdevabc123.table.core.windows.net/",
 *   tableName: "terminalkeys",
 *   backendId: "flow",
 *   backendAudience: "api://11111111-2222-3333-4444-555555555555",
 *   callsPerMinute: 120,
 *   maxRequestBytes: 16_384,
 * });
 */
export function flowPolicy(args: FlowPolicyArgs): string {
  const table = `${args.tableEndpoint.replace(/\/$/, "")}/${args.tableName}`;
  const [terminal, customer, length] = [variable("terminal"), variable("customer"), variable("length")];
  const hash =
    "Convert.ToBase64String(System.Security.Cryptography.SHA256.Create().ComputeHash(" +
    `System.Text.Encoding.UTF8.GetBytes(${header("X-Terminal-Key")})))`;
  // API Management ignores the case of the names of query parameters, and decodes them. A key that is encoded twice is no
  // key for it, and would stay in the URL that the Flow API logs.
  const query =
    "System.Uri.UnescapeDataString(System.Uri.UnescapeDataString(context.Request.OriginalUrl.QueryString)).ToLowerInvariant()";
  const path = "context.Request.OriginalUrl.Path.ToLowerInvariant()";
  const isKeyOutsideHeader = `${header(subscriptionKeyNames.header)} == "" || Regex.IsMatch(${query}, "(${subscriptionKeyNames.query}|x-terminal-key)")`;

  return `<policies>
  <inbound>
    <base />
    ${setVariable("customer", knownForm("context.Subscription.Id", customerIdPattern))}
    ${setVariable("terminal", knownForm(header("X-Terminal-Id"), terminalIdPattern))}
    ${setVariable("keyHash", hash)}
    <!-- Bounds guessing. The address is part of the key, so that other computers cannot use up a terminal's calls. -->
    ${limit(args.callsPerMinute, `${customer} + "/" + ${terminal} + "/" + context.Request.IpAddress`)}
    ${setVariable("lookupStarted", "true")}
    ${lookUp(`"${table}(PartitionKey='" + ${customer} + "',RowKey='" + ${terminal} + "')"`)}
    <choose>
      ${when(noAnswer, unavailable)}
      ${when(`${lookup}.StatusCode != 200 && ${lookup}.StatusCode != 404`, unavailable)}
    </choose>
    ${setVariable("row", `${lookup}.Body.As<JObject>()`)}
    <choose>
      <!-- 404 is also the answer of a missing table, which is a fault. -->
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
      ${when(isKeyOutsideHeader, unauthorized)}
    </choose>
    ${setVariable("admitted", "true")}
    ${limit(args.callsPerMinute, `${customer} + "/" + ${terminal}`)}
    ${setVariable(
      "length",
      `context.Request.Headers.GetValueOrDefault("Content-Length", context.Request.Body != null || ${needsBody} ? "" : "0")`,
    )}
    <choose>
      <!-- A value with a slash in it is another path for a Flow API that decodes first and routes then. -->
      ${when(`Regex.IsMatch(${path}, "%(2f|5c|00|25)|[.][.]")`, wrongPath)}
      ${when(`${length} == ""`, lengthRequired)}
      ${when(`!Regex.IsMatch(${length}, "^[0-9]{1,9}$") || int.Parse(${length}) > ${args.maxRequestBytes}`, tooLarge)}
    </choose>
    <!-- Both keys end here. The names below are the gateway's: what a caller sends under them is replaced. -->
    <set-header name="${subscriptionKeyNames.header}" exists-action="delete" />
    <set-header name="X-Terminal-Key" exists-action="delete" />
    <set-header name="X-Terminal-Id" exists-action="override"><value>${expression(terminal)}</value></set-header>
    <set-header name="X-Customer-Id" exists-action="override"><value>${expression(customer)}</value></set-header>
    ${lookalikeHeaders.map((name) => `<set-header name="${name}" exists-action="delete" />`).join("\n    ")}
    ${requestIdHeader}
    <set-backend-service backend-id="${args.backendId}" />
    <authentication-managed-identity resource="${xml(args.backendAudience)}" />
  </inbound>
  <backend>
    <!-- After a timeout or a broken connection, the response is that of the error. -->
    <retry condition="${expression('context.Request.Method == "GET" && (context.Response == null || context.Response.StatusCode >= 500)')}" count="1" interval="1" first-fast-retry="true">
      <forward-request timeout="${backendSeconds}" />
    </retry>
  </backend>
  <outbound>
    <base />
    ${requestIdHeader}
    <choose>
      ${when(
        "context.Response.StatusCode == 503",
        `<set-header name="Retry-After" exists-action="skip"><value>${retrySeconds}</value></set-header>`,
      )}
    </choose>
  </outbound>
  <on-error>
    <base />
    <choose>
      <!-- API Management refused the subscription key. The lookup takes as long as that of a Flow key. -->
      <when condition="${expression('context.LastError.Source == "authorization"')}">
        ${lookUp(`"${table}(PartitionKey='${noId}',RowKey='${noId}')"`)}
        <choose>
          ${when(
            `${noAnswer} || ${lookup}.StatusCode != 404 || !${lookup}.Body.As<string>().Contains("ResourceNotFound")`,
            unavailable,
          )}
          <otherwise>${unauthorized}</otherwise>
        </choose>
      </when>
      <!-- The lookup failed in another way: the terminal was neither admitted nor refused. -->
      ${when('context.Variables.ContainsKey("lookupStarted") && !context.Variables.ContainsKey("admitted")', unavailable)}
      ${when('context.Variables.ContainsKey("admitted") && context.LastError.Reason == "Timeout"', timedOut)}
      ${when('context.Variables.ContainsKey("admitted") && context.LastError.Reason != "RateLimitExceeded"', backendAway)}
    </choose>
  </on-error>
</policies>
`;
}

/** Correlates the answer, the Flow API's log and the gateway's log, where it is the column CorrelationId. */
const requestIdHeader = `<set-header name="X-Request-Id" exists-action="override"><value>${expression("context.RequestId.ToString()")}</value></set-header>`;

const unauthorized = answer(401, "Unauthorized", "Access denied: unknown terminal or key.", {
  "WWW-Authenticate": 'TerminalKey realm="flow"',
});

const unavailable = answer(
  503,
  "Service Unavailable",
  "The terminal could not be looked up. Try again shortly.",
  { "Retry-After": String(retrySeconds) },
  requestIdHeader,
);

const timedOut = answer(
  504,
  "Gateway Timeout",
  "The Flow API did not answer in time. Try again shortly.",
  { "Retry-After": String(retrySeconds) },
  requestIdHeader,
);

const backendAway = answer(
  503,
  "Service Unavailable",
  "The Flow API cannot be reached. Try again shortly.",
  { "Retry-After": String(retrySeconds) },
  requestIdHeader,
);

const wrongPath = answer(400, "Bad Request", "The path holds an encoded slash or dot segments.");

const lengthRequired = answer(411, "Length Required", "The request needs the header Content-Length.");

const tooLarge = answer(413, "Content Too Large", "The body of the request is too large.");

function answer(
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
  moreHeaders = "",
): string {
  const all = { "Content-Type": "application/json", ...headers };
  const lines = Object.entries(all).map(
    ([name, value]) =>
      `<set-header name="${name}" exists-action="override"><value>${xml(value)}</value></set-header>`,
  );
  return [
    "<return-response>",
    `<set-status code="${code}" reason="${reason}" />`,
    ...lines,
    moreHeaders,
    `<set-body>${xml(JSON.stringify({ statusCode: code, message }))}</set-body>`,
    "</return-response>",
  ].join("");
}

/** An ID of the known form, or one that has no row. */
function knownForm(id: string, pattern: string): string {
  return `Regex.IsMatch(${id}, "${pattern}") ? ${id} : "${noId}"`;
}

/** Reads a row of the key table. A failure leaves the variable null. */
function lookUp(url: string): string {
  return [
    `<send-request mode="new" response-variable-name="lookup" timeout="${lookupSeconds}" ignore-error="true">`,
    `<set-url>${expression(url)}</set-url>`,
    "<set-method>GET</set-method>",
    '<set-header name="x-ms-version" exists-action="override"><value>2019-02-02</value></set-header>',
    '<set-header name="Accept" exists-action="override"><value>application/json;odata=nometadata</value></set-header>',
    '<authentication-managed-identity resource="https://storage.azure.com/" />',
    "</send-request>",
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
