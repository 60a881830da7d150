import { ApiManagementClient } from "@azure/arm-apimanagement";
import type { Check, Trial } from "../../check.ts";
import { ArmClient } from "../../clients/arm.ts";
import { type Answer, send } from "../../clients/http.ts";
import { sources } from "../sources.ts";

const section = "api-management/gateway";

/** An API without a backend, which its policy answers. */
interface TestApi {
  service: string;
  path: string;
  /** A subscription key of the API. */
  key: string;
  /** The resource ID of the subscription. */
  subscription: string;
  /** Calls the operation GET /read, or another path. */
  get(path?: string, headers?: Record<string, string>): Promise<Answer>;
}

/** A policy document around an inbound section. */
const policy = (inbound: string, onError = "<base />") =>
  `<policies><inbound><base />${inbound}</inbound><backend><base /></backend>` +
  `<outbound><base /></outbound><on-error>${onError}</on-error></policies>`;
const answers = (body: string) =>
  `<return-response><set-status code="200" reason="OK" /><set-body>${body}</set-body></return-response>`;

/** Creates an API with one operation, a policy and a subscription. */
async function createApi(t: Trial, inbound: string, onError?: string): Promise<TestApi> {
  const { arm } = t.fixture;
  const { id: service, url } = await t.fixture.gateway();
  const path = `${service}/apis/${t.name}`;
  await arm.create(path, { properties: { path: t.name, displayName: t.name, protocols: ["https"] } });
  await arm.create(`${path}/operations/read`, {
    properties: { displayName: "Read", method: "GET", urlTemplate: "/read" },
  });
  await arm.create(`${path}/policies/policy`, {
    properties: { value: policy(inbound, onError), format: "rawxml" },
  });
  const subscription = `${service}/subscriptions/${t.name}`;
  await arm.create(subscription, {
    properties: { displayName: t.name, scope: `/apis/${t.name}`, state: "active" },
  });
  const { primaryKey } = (await arm.send("POST", `${subscription}/listSecrets`)).json;
  const get = (
    below = "/read",
    headers: Record<string, string> = { "Ocp-Apim-Subscription-Key": primaryKey },
  ) => send(t.target, "GET", `${url}/${t.name}${below}`, { headers });
  // A new API reaches the gateway after some seconds.
  t.measure(
    "time until the gateway has the API",
    await t.until("the gateway to have the API", 120, async () => {
      const { status } = await get();
      return status !== 404 && status !== 401;
    }),
  );
  return { service, path, key: primaryKey, subscription, get };
}

/** The gateway, its keys and its policies. */
export const gatewayChecks: Check[] = [
  {
    id: "api-management/key-missing",
    section,
    title: "A call without a subscription key is refused",
    azure: "401 with `statusCode` and a message that names the header.",
    source: sources.apimSubscriptions,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const { status, json } = await api.get("/read", {});
      t.expect("answer", [status, json?.statusCode], [401, 401]);
      t.expect("message", /missing subscription key/.test(json?.message), true);
    },
  },
  {
    id: "api-management/key-wrong",
    section,
    title: "A wrong subscription key is refused",
    azure: "401 with a message that calls the key invalid.",
    source: sources.apimSubscriptions,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const { status, json } = await api.get("/read", { "Ocp-Apim-Subscription-Key": "0".repeat(32) });
      t.expect("answer", [status, json?.statusCode], [401, 401]);
      t.expect("message", /invalid subscription key/.test(json?.message), true);
    },
  },
  {
    id: "api-management/key-accepted",
    section,
    title: "Both keys of a subscription are accepted, in the header and in the query",
    azure: "200.",
    source: sources.apimSubscriptions,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const secrets = (await t.fixture.arm.send("POST", `${api.subscription}/listSecrets`)).json;
      t.expect("primary key", (await api.get()).text, "ok");
      const second = { "Ocp-Apim-Subscription-Key": secrets.secondaryKey };
      t.expect("secondary key", (await api.get("/read", second)).text, "ok");
      t.expect("query", (await api.get(`/read?subscription-key=${api.key}`, {})).text, "ok");
    },
  },
  {
    id: "api-management/key-suspended",
    section,
    title: "The key of a suspended subscription is refused after some time",
    azure: "401. Microsoft's answer to a question names some minutes; no promise.",
    source: sources.apimSubscriptions,
    known: "reported",
    differs: "Up to 10 minutes after its last use: the worse case, as a setting.",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const body = { properties: { state: "suspended" } };
      const headers = { "if-match": "*" };
      const changed = await t.fixture.arm.send("PATCH", api.subscription, { body, headers });
      t.expect("change", changed.status, 200);
      await t.target.hasten(601);
      const isClosed = async () => (await api.get()).status === 401;
      t.measure("time until the key is refused", await t.until("the key to be refused", 900, isClosed));
      t.expect("status", (await api.get()).status, 401);
    },
  },
  {
    id: "api-management/path-unknown",
    section,
    title: "A path without an operation is refused",
    azure: "404 with `Resource not found`.",
    source: sources.apimErrors,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const { status, json } = await api.get("/other");
      t.expect("answer", [status, json?.statusCode], [404, 404]);
    },
  },
  {
    id: "api-management/rate-limit",
    section,
    title: "A subscription that calls more often than its rate is throttled",
    azure: "429 with `Retry-After` for the third call in 30 s, and 200 after them.",
    source: sources.apimRateLimit,
    known: "documented",
    differs: "v2 tiers have a token bucket, classic tiers a sliding window. Counters are in memory.",
    async run(t) {
      const limit = `<rate-limit-by-key calls="2" renewal-period="30" counter-key="@(context.Request.Headers.GetValueOrDefault("caller", "none"))" />`;
      const api = await createApi(t, limit + answers("ok"));
      const headers = { "Ocp-Apim-Subscription-Key": api.key, caller: t.name };
      const statuses: number[] = [];
      let last: Answer | undefined;
      for (let call = 0; call < 12 && last?.status !== 429; call++) {
        last = await api.get("/read", headers);
        statuses.push(last.status);
      }
      t.expect("first calls", statuses.slice(0, 2), [200, 200]);
      t.expect("at the end", last?.status, 429);
      t.expect("has Retry-After", /^\d+$/.test(String(last?.headers["retry-after"])), true);
      await t.target.pass(31, "the period of the rate limit is 30 s");
      t.expect("after the period", (await api.get("/read", headers)).status, 200);
    },
  },
  {
    id: "api-management/check-header",
    section,
    title: "check-header refuses a call without the value",
    azure: "The declared status and message.",
    source: sources.apimCheckHeader,
    known: "documented",
    async run(t) {
      const check =
        '<check-header name="site" failed-check-httpcode="403" failed-check-error-message="No site" ignore-case="true"><value>hall</value></check-header>';
      const api = await createApi(t, check + answers("ok"));
      const withSite = (site: string) => api.get("/read", { "Ocp-Apim-Subscription-Key": api.key, site });
      const refused = await withSite("school");
      t.expect("other value", [refused.status, refused.json?.message], [403, "No site"]);
      t.expect("value in other case", (await withSite("HALL")).text, "ok");
    },
  },
  {
    id: "api-management/expressions",
    section,
    title: "Expressions have C#'s integer division, defaults and texts",
    azure: "`7/2` is 3; a missing header has the default.",
    source: sources.apimExpressions,
    known: "documented",
    async run(t) {
      const body = `@((7 / 2).ToString() + "|" + context.Request.Headers.GetValueOrDefault("missing", "none") + "|" + "Ab".ToUpper())`;
      const api = await createApi(t, answers(body));
      t.expect("body", (await api.get()).text, "3|none|AB");
    },
  },
  {
    id: "api-management/expression-failure",
    section,
    title: "An expression that fails is a 500 without its reason",
    azure: "500 `Internal server error` with an activity ID.",
    source: sources.apimErrors,
    known: "documented",
    async run(t) {
      const body = `@(int.Parse(context.Request.Headers.GetValueOrDefault("number", "1")).ToString())`;
      const api = await createApi(t, answers(body));
      const number = "none";
      const { status, json, text } = await api.get("/read", { "Ocp-Apim-Subscription-Key": api.key, number });
      t.expect("answer", [status, json?.statusCode], [500, 500]);
      t.expect("reason", /FormatException|Input string/.test(text), false);
    },
  },
  {
    id: "api-management/choose",
    section,
    title: "choose runs the first branch that fits, and otherwise its last",
    azure: "As documented.",
    source: sources.apimPolicies,
    known: "documented",
    async run(t) {
      const condition = `@(context.Request.Headers.GetValueOrDefault("kind", "") == "a")`;
      const when = `<when condition="${condition}">${answers("first")}</when>`;
      const api = await createApi(t, `<choose>${when}<otherwise>${answers("last")}</otherwise></choose>`);
      const call = async (kind: string) =>
        (await api.get("/read", { "Ocp-Apim-Subscription-Key": api.key, kind })).text;
      t.expect("fits", await call("a"), "first");
      t.expect("does not fit", await call("b"), "last");
    },
  },
  {
    id: "api-management/policy-unknown",
    section,
    title: "A policy document with an unknown element is refused",
    azure: "400 `ValidationError` with the line.",
    source: sources.apimPolicies,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const properties = { value: policy("<fly-away />"), format: "rawxml" };
      const answer = await t.fixture.arm.send("PUT", `${api.path}/policies/policy`, { body: { properties } });
      t.expect("answer", [answer.status, ArmClient.codeOf(answer)], [400, "ValidationError"]);
      t.expect("old policy", (await api.get()).text, "ok");
    },
  },
  {
    id: "api-management/change-condition",
    section,
    title: "A change with PATCH needs a condition",
    azure: "400 without `If-Match`; 412 with an old ETag.",
    source: sources.apimArm,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const patch = (headers: Record<string, string>) =>
        t.fixture.arm.send("PATCH", api.path, { body: { properties: { displayName: "Other" } }, headers });
      t.expect("without", (await patch({})).status, 400);
      t.expect("old ETag", (await patch({ "if-match": '"AAAAAAAA"' })).status, 412);
      t.expect("any", (await patch({ "if-match": "*" })).status, 200);
    },
  },
  {
    id: "api-management/keys-hidden",
    section,
    title: "A read of a subscription shows no keys; listSecrets shows both",
    azure: "GET has `primaryKey` null or none.",
    source: sources.apimArm,
    known: "documented",
    async run(t) {
      const api = await createApi(t, answers("ok"));
      const [, group = "", service = ""] =
        /resourceGroups\/([^/]+)\/providers\/[^/]+\/service\/([^/]+)/i.exec(api.service) ?? [];
      const { credential, subscriptionId, clientOptions } = t.target;
      const client = new ApiManagementClient(credential, subscriptionId, clientOptions);
      const read = await client.subscription.get(group, service, t.name);
      t.expect("key of a read", read.primaryKey ?? null, null);
      const secrets = await client.subscription.listSecrets(group, service, t.name);
      t.expect(
        "keys of listSecrets",
        [secrets.primaryKey === api.key, typeof secrets.secondaryKey],
        [true, "string"],
      );
    },
  },
  {
    id: "api-management/named-value",
    section,
    title: "A named value is put into a policy, and a secret one is not shown",
    azure: "The gateway sends its value; GET has no `value`; listValue has it.",
    source: sources.apimArm,
    known: "documented",
    async run(t) {
      const { id } = await t.fixture.gateway();
      const path = `${id}/namedValues/${t.name}`;
      await t.fixture.arm.create(path, {
        properties: { displayName: t.name, value: "hidden-value", secret: true },
      });
      t.expect(
        "value of a read",
        (await t.fixture.arm.send("GET", path)).json.properties.value ?? null,
        null,
      );
      const api = await createApi(t, answers(`{{${t.name}}}`));
      t.expect("body", (await api.get()).text, "hidden-value");
    },
  },
];
