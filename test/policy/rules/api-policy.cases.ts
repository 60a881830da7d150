import { type Change, policyOf, type Refusal, refusals, replaceInPolicy, set } from "../changes.ts";

const rule = "api-management-api-policy-allowlist";

const refusePolicies = (changes: Record<string, Change>): Refusal[] =>
  refusals(
    rule,
    Object.fromEntries(
      Object.entries(changes).map(([title, change]): [string, [string, Change]] => [
        title,
        ["flow-policy", change],
      ]),
    ),
  );

const missingElements = refusePolicies({
  "a policy without <base /> in its outbound section": replaceInPolicy(
    /<outbound>\s*<base \/>/,
    "<outbound>",
  ),
  "a policy that does not look up the terminal": replaceInPolicy(/<send-request[\s\S]*<\/send-request>/, ""),
  "a policy that sends the Flow key on": replaceInPolicy(/<set-header name="X-Terminal-Key" [^>]*>/, ""),
  "a policy that sends the subscription key's header on": replaceInPolicy(
    /<set-header name="Ocp-Apim-Subscription-Key" [^>]*>/,
    "",
  ),
  "a policy that accepts the subscription key in the query": replaceInPolicy(
    /<when condition="[^"]*OriginalUrl[^"]*">.*?<\/when>/,
    "",
  ),
  "a policy that answers a refused subscription key without a lookup": replaceInPolicy(
    /(LastError\.Source[^>]*>\s*)<send-request[\s\S]*?<\/send-request>/,
    "$1",
  ),
  "a policy that does not bound the size of requests": replaceInPolicy(
    /<when condition="[^"]*int\.Parse[^"]*">.*?<\/when>/,
    "",
  ),
  "a policy that accepts encoded slashes": replaceInPolicy(
    /<when condition="[^"]*OriginalUrl\.Path[^"]*">.*?<\/when>/,
    "",
  ),
  "a policy that sends a caller's header with underscores on": replaceInPolicy(
    /<set-header name="X_Customer_Id" [^>]*>/,
    "",
  ),
  "a policy that sends a caller's customer ID on": replaceInPolicy(
    /<set-header name="X-Customer-Id".*?<\/set-header>/,
    "",
  ),
  "a policy without the first rate limit": replaceInPolicy(/<rate-limit-by-key [^>]*>/, ""),
  "a policy without any condition": replaceInPolicy(/<choose>[\s\S]*?<\/choose>/g, ""),
  "a policy that does not check the terminal's status": replaceInPolicy(
    /<when condition="[^"]*status&quot;\] != &quot;active[^"]*">.*?<\/when>/,
    "",
  ),
  "a policy that does not compare the Flow key": replaceInPolicy(
    /<when condition="[^"]*currentKeySha256[^"]*">.*?<\/when>/,
    "",
  ),
  "a policy that does not handle a failed lookup": replaceInPolicy(
    /<on-error>[\s\S]*<\/on-error>/,
    "<on-error><base /></on-error>",
  ),
});

const weakerElements = refusePolicies({
  "a policy that refuses only stolen terminals": replaceInPolicy(
    "!= &quot;active&quot;",
    "== &quot;stolen&quot;",
  ),
  "a policy that does not accept the previous Flow key": replaceInPolicy(
    / &amp;&amp; \(string\)\(\(JObject\)[^)]*\)\[&quot;previousKeySha256[^)]*\)/,
    ")",
  ),
  "a policy that answers 200 instead of 401": replaceInPolicy('code="401"', 'code="200"'),
  "a policy that removes the Flow key only when it is absent": replaceInPolicy(
    'name="X-Terminal-Key" exists-action="delete"',
    'name="X-Terminal-Key" exists-action="skip"',
  ),
  "a policy that does not handle errors of the lookup": replaceInPolicy(
    'ignore-error="true"',
    'ignore-error="false"',
  ),
  "a lookup without a timeout": replaceInPolicy('timeout="3"', ""),
  "a call of the Flow API without a timeout": replaceInPolicy(
    '<forward-request timeout="3" />',
    "<forward-request />",
  ),
  "a retry of writes": replaceInPolicy("context.Request.Method == &quot;GET&quot; &amp;&amp; ", ""),
  "a lookup with a token for Azure Resource Manager": replaceInPolicy(
    'resource="https://storage.azure.com/"',
    'resource="https://management.azure.com/"',
  ),
  "a rate limit for a second instead of a minute": replaceInPolicy(
    /renewal-period="60"/,
    'renewal-period="1"',
  ),
  "two rate limits that differ": replaceInPolicy(/calls="\d+"/, 'calls="121"'),
  "rate limits of more than 6000 calls a minute": replaceInPolicy(/calls="\d+"/g, 'calls="6001"'),
  "a token for Azure Storage that goes to the Flow API": replaceInPolicy(
    'resource="api://11111111-2222-3333-4444-555555555555"',
    'resource="https://storage.azure.com/"',
  ),
  "a token for Azure Storage in capital letters": replaceInPolicy(
    'resource="api://11111111-2222-3333-4444-555555555555"',
    'resource="https://storage.AZURE.com/"',
  ),
  "a token for Key Vault that goes to the Flow API": replaceInPolicy(
    'resource="api://11111111-2222-3333-4444-555555555555"',
    'resource="https://Vault.Azure.Net"',
  ),
  "a call of the Flow API without an audience": replaceInPolicy(
    'resource="api://11111111-2222-3333-4444-555555555555"',
    "",
  ),
  "a lookup in a table outside Azure": replaceInPolicy(
    /https:\/\/[a-z0-9]+\.table\.core\.windows\.net/,
    "https://table.example.com",
  ),
});

const additionalElements = refusePolicies({
  "a policy that caches the Flow key row": replaceInPolicy(
    "<choose>",
    '<cache-lookup-value key="row" variable-name="row" /><choose>',
  ),
  "a policy that allows CORS": replaceInPolicy(
    "<choose>",
    "<cors><allowed-origins><origin>*</origin></allowed-origins></cors><choose>",
  ),
  "a policy that sets another header": replaceInPolicy(
    "</inbound>",
    '<set-header name="X-Key" exists-action="override" /></inbound>',
  ),
  "a policy with a second inbound section": replaceInPolicy(
    "</policies>",
    "<inbound><base /></inbound></policies>",
  ),
  "a response with the subscription key": replaceInPolicy(
    "<set-status ",
    "<set-body>@(context.Subscription.PrimaryKey)</set-body><set-status ",
  ),
  // Azure reads a character reference as the character itself.
  "a response with an expression that begins with a character reference": replaceInPolicy(
    "Access denied",
    "&#64;(context.Subscription.PrimaryKey) Access denied",
  ),
  "a response body with an expression that begins with a character reference": replaceInPolicy(
    "<set-status ",
    "<set-body>&#64;(context.Subscription.PrimaryKey)</set-body><set-status ",
  ),
  "a response with a named value in character references": replaceInPolicy(
    "<set-status ",
    "<set-body>&#x7b;&#x7b;named&#x7d;&#x7d;</set-body><set-status ",
  ),
  "a response with an expression inside its text": replaceInPolicy(
    "Access denied",
    "It is @(context.Subscription.PrimaryKey)",
  ),
  "a response that returns the looked-up row": replaceInPolicy(
    "<return-response>",
    '<return-response response-variable-name="lookup">',
  ),
});

const movedElements = refusePolicies({
  "a policy that only sets the method": replaceInPolicy(
    /<base \/>([\s\S]*)<\/inbound>/,
    "<set-method>GET</set-method><base /></inbound>",
  ),
  "a policy that removes the Flow key before it is checked": (resources) => {
    const policy = policyOf(resources);
    const removal = /<set-header name="X-Terminal-Key" [^>]*>/.exec(policy)![0];
    const moved = policy.replace(removal, "").replace("<inbound>", `<inbound>${removal}`);
    return set("flow-policy", "value", moved)(resources);
  },
  "a policy with its inbound section in a comment": (resources) => {
    const inbound = /<inbound>([\s\S]*)<\/inbound>/.exec(policyOf(resources))![1]!.replace(/<!--.*?-->/g, "");
    return replaceInPolicy(
      /<inbound>[\s\S]*<\/inbound>/,
      `<inbound><base /><!-- ${inbound.replaceAll("--", "- -")} --></inbound>`,
    )(resources);
  },
});

const unreadablePolicies = refusePolicies({
  "a policy with a document type": replaceInPolicy(/^/, "<!DOCTYPE policies>"),
  "a policy that is not well-formed": replaceInPolicy("</inbound>", ""),
  "an empty policy": replaceInPolicy(/[\s\S]*/, ""),
  "a policy without a document": set("flow-policy", "value", undefined),
  "a policy that is a fragment": set("flow-policy", "value", "<fragment />"),
  "a policy in the format rawxml": set("flow-policy", "format", "rawxml"),
  "a policy that Azure downloads": set("flow-policy", "format", "xml-link"),
});

/** Changes of the API policy, each of which lets a call pass that must not, or sends a secret on. */
export const apiPolicyRefusals: Refusal[] = [
  ...missingElements,
  ...weakerElements,
  ...additionalElements,
  ...movedElements,
  ...unreadablePolicies,
];
