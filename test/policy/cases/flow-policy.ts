import { type Change, named, type Refused, set } from "../changes.ts";

/** The Flow API's policy with something in it replaced; what is to be replaced must be there. */
const replacing =
  (from: string | RegExp, to: string): Change =>
  (resources) => {
    const policy = String(named(resources, "flow-policy").properties.value);
    const replaced = policy.replace(from, () => to);
    if (replaced === policy) throw new Error(`${String(from)} is not in the policy.`);
    return set("flow-policy", "value", replaced)(resources);
  };

const refused = (change: Change): Refused => ["api-policy-keeps-both-doors", "flow-policy", change];

/** Ways in which a change of the policy opens a door, each alone. */
export const flowPolicyCases: Refused[] = [
  // An element less.
  refused(replacing(/<outbound>\s*<base \/>/, "<outbound>")),
  refused(replacing(/<send-request[\s\S]*<\/send-request>/, "")),
  refused(replacing(/<set-header name="X-Terminal-Key" [^>]*>/, "")),
  refused(replacing(/<set-header name="Ocp-Apim-Subscription-Key" [^>]*>/, "")),
  refused(replacing(/<set-query-parameter [^>]*>/, "")),
  refused(replacing(/<rate-limit-by-key [^>]*>/, "")),
  refused(replacing(/<choose>[\s\S]*?<\/choose>/g, "")),
  refused(replacing(/<when condition="[^"]*status&quot;\] != &quot;active[^"]*">.*?<\/when>/, "")),
  refused(replacing(/<when condition="[^"]*currentKeySha256[^"]*">.*?<\/when>/, "")),
  refused(replacing(/<on-error>[\s\S]*<\/on-error>/, "<on-error><base /></on-error>")),
  // The same element, which does less.
  refused(replacing("!= &quot;active&quot;", "== &quot;stolen&quot;")),
  refused(replacing(/ &amp;&amp; \(string\)\(\(JObject\)[^)]*\)\[&quot;previousKeySha256[^)]*\)/, ")")),
  refused(replacing('code="401"', 'code="200"')),
  refused(
    replacing('name="X-Terminal-Key" exists-action="delete"', 'name="X-Terminal-Key" exists-action="skip"'),
  ),
  refused(replacing('ignore-error="true"', 'ignore-error="false"')),
  refused(replacing('timeout="5"', "")),
  refused(replacing('resource="https://storage.azure.com/"', 'resource="https://management.azure.com/"')),
  refused(replacing(/renewal-period="60"/, 'renewal-period="1"')),
  refused(replacing(/calls="\d+"/, 'calls="121"')),
  refused(replacing(/calls="\d+"/g, 'calls="6001"')),
  refused(replacing('resource="api://flow-dev"', 'resource="https://storage.azure.com/"')),
  refused(replacing('resource="api://flow-dev"', 'resource="https://storage.AZURE.com/"')),
  refused(replacing('resource="api://flow-dev"', 'resource="https://Vault.Azure.Net"')),
  refused(replacing('resource="api://flow-dev"', "")),
  refused(replacing(/https:\/\/[a-z0-9]+\.table\.core\.windows\.net/, "https://table.example.com")),
  // An element more.
  refused(replacing("<choose>", '<cache-lookup-value key="row" variable-name="row" /><choose>')),
  refused(
    replacing("<choose>", "<cors><allowed-origins><origin>*</origin></allowed-origins></cors><choose>"),
  ),
  refused(replacing("</inbound>", '<set-header name="X-Key" exists-action="override" /></inbound>')),
  refused(replacing("</policies>", "<inbound><base /></inbound></policies>")),
  refused(replacing("<set-status ", "<set-body>@(context.Subscription.PrimaryKey)</set-body><set-status ")),
  // A character by its number, which Azure takes for the character: an expression among fixed words.
  refused(replacing("Access denied", "&#64;(context.Subscription.PrimaryKey) Access denied")),
  refused(
    replacing("<set-status ", "<set-body>&#64;(context.Subscription.PrimaryKey)</set-body><set-status "),
  ),
  refused(replacing("<set-status ", "<set-body>&#x7b;&#x7b;named&#x7d;&#x7d;</set-body><set-status ")),
  refused(replacing("Access denied", "It is @(context.Subscription.PrimaryKey)")),
  refused(replacing("<return-response>", '<return-response response-variable-name="lookup">')),
  // Another order: keys that are taken off before they are looked at, or after the call.
  refused(replacing(/<base \/>([\s\S]*)<\/inbound>/, "<set-method>GET</set-method><base /></inbound>")),
  refused((resources) => {
    const policy = String(named(resources, "flow-policy").properties.value);
    const strip = /<set-header name="X-Terminal-Key" [^>]*>/.exec(policy)![0];
    const moved = policy.replace(strip, "").replace("<inbound>", `<inbound>${strip}`);
    return set("flow-policy", "value", moved)(resources);
  }),
  // All of it where it does not run, or is not read.
  refused((resources) => {
    const inner = /<inbound>([\s\S]*)<\/inbound>/
      .exec(String(named(resources, "flow-policy").properties.value))![1]!
      .replace(/<!--.*?-->/g, "");
    return replacing(
      /<inbound>[\s\S]*<\/inbound>/,
      `<inbound><base /><!-- ${inner.replaceAll("--", "- -")} --></inbound>`,
    )(resources);
  }),
  refused(replacing(/^/, "<!DOCTYPE policies>")),
  refused(replacing("</inbound>", "")),
  refused(replacing(/[\s\S]*/, "")),
  refused(set("flow-policy", "value", undefined)),
  refused(set("flow-policy", "value", "<fragment />")),
  refused(set("flow-policy", "format", "rawxml")),
  refused(set("flow-policy", "format", "xml-link")),
];
