import { Boxed } from "../expressions/boxed.ts";
import { Int } from "../expressions/primitives.ts";
import type { Limit } from "../gateway/counters.ts";
import type { Exchange } from "../gateway/exchange.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import type { ElementReader, Evaluate } from "./reader.ts";
import type { Policy } from "./step.ts";

/** Maximum renewal period of a rate limit and minimum of a quota, in seconds. 0 means a quota that never renews. */
const longest = 300;
const shortestQuota = 300;

interface Report {
  retryAfterHeader: string;
  retryAfterVariable: string | undefined;
  remainingHeader: string | undefined;
  remainingVariable: string | undefined;
  totalHeader: string | undefined;
}

function readReport(reader: ElementReader): Report {
  return {
    retryAfterHeader: reader.headerName("retry-after-header-name") ?? "Retry-After",
    retryAfterVariable: reader.constant("retry-after-variable-name"),
    remainingHeader: reader.headerName("remaining-calls-header-name"),
    remainingVariable: reader.constant("remaining-calls-variable-name"),
    totalHeader: reader.headerName("total-calls-header-name"),
  };
}

/** Rejects the call when nothing is left, and sets the headers with the remaining calls. */
function apply(exchange: Exchange, limit: Limit, calls: number, counted: number, report: Report): void {
  const setVariable = (name: string | undefined, value: number) => {
    if (name) exchange.variables.set(name, new Boxed(Int, value));
  };
  const left = Math.max(0, limit.remaining - counted);
  if (report.remainingHeader) exchange.answerHeaders.set(report.remainingHeader, [String(left)]);
  if (report.totalHeader) exchange.answerHeaders.set(report.totalHeader, [String(calls)]);
  setVariable(report.remainingVariable, left);
  if (limit.remaining >= 1) return;
  setVariable(report.retryAfterVariable, limit.retryAfter);
  throw new GatewayError(
    429,
    "RateLimitExceeded",
    `Rate limit is exceeded. Try again in ${limit.retryAfter} seconds.`,
    { headers: { [report.retryAfterHeader]: String(limit.retryAfter) } },
  );
}

/** rate-limit-by-key: a counter for each key, the same for all APIs of the service. */
export const rateLimitByKey: Policy = {
  sections: ["inbound"],
  read(reader) {
    const calls = reader.integer("calls", { required: true, expressions: true, least: 1 });
    const period = reader.integer("renewal-period", {
      required: true,
      expressions: true,
      least: 1,
      most: longest,
    });
    const key = reader.string("counter-key", { required: true, expressions: true });
    const condition = reader.boolean("increment-condition", { expressions: true });
    const count = reader.integer("increment-count", { expressions: true }) ?? (() => 1);
    const report = readReport(reader);
    if (!calls || !period || !key) return undefined;
    return (exchange) => {
      const name = `key ${key(exchange)}`;
      const limit = limitOf(reader, exchange, name, calls(exchange), period(exchange));
      // Amounts that another policy counted for this call do not count against it.
      const before = exchange.counted.get(name);
      limit.remaining += before ?? 0;
      apply(exchange, limit, calls(exchange), before ?? (condition ? 0 : count(exchange)), report);
      countWhen(exchange, condition, name, () => {
        limit.take(count(exchange));
        return count(exchange);
      });
      return undefined;
    };
  },
};

/** rate-limit: a counter for each subscription and API; without a subscription there is no limit. */
export const rateLimit: Policy = {
  sections: ["inbound"],
  read(reader) {
    if (reader.reading.rateLimits > 0) reader.problem("It can be used only once in a policy document.");
    reader.reading.rateLimits += 1;
    const calls = reader.integer("calls", { required: true, least: 1 });
    const period = reader.integer("renewal-period", { required: true, least: 1, most: longest });
    const report = readReport(reader);
    if (!calls || !period) return undefined;
    return (exchange) => {
      if (!exchange.subscription) return undefined;
      const key = `subscription ${exchange.subscription.id} ${exchange.api.id}`;
      const limit = limitOf(reader, exchange, key, calls(exchange), period(exchange));
      apply(exchange, limit, calls(exchange), 1, report);
      limit.take(1);
      return undefined;
    };
  },
};

function limitOf(
  reader: ElementReader,
  exchange: Exchange,
  key: string,
  calls: number,
  seconds: number,
): Limit {
  const { counters } = exchange.services;
  return reader.reading.tier === "v2"
    ? counters.bucket(key, calls, seconds)
    : counters.window(key, calls, seconds);
}

/** quota-by-key: calls and kilobytes in longer periods; the v2 tiers have no such policy. */
export const quotaByKey: Policy = {
  sections: ["inbound"],
  read(reader) {
    if (reader.reading.tier === "v2") reader.problem("The v2 tiers of API Management have no such policy.");
    const calls = reader.integer("calls", { least: 1 });
    const kilobytes = reader.integer("bandwidth", { least: 1 });
    const period = reader.integer("renewal-period", { required: true, least: shortestQuota, or: 0 });
    const key = reader.string("counter-key", { required: true, expressions: true });
    const condition = reader.boolean("increment-condition", { expressions: true });
    const first = reader.constant("first-period-start") ?? "0001-01-01T00:00:00Z";
    if (!calls && !kilobytes) reader.problem("One of the attributes 'calls' and 'bandwidth' is required.");
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(first) || Number.isNaN(Date.parse(first))) {
      reader.problem("The attribute 'first-period-start' is no date and time as yyyy-MM-ddTHH:mm:ssZ.");
    }
    if (!period || !key) return undefined;
    return (exchange) => {
      const { counters } = exchange.services;
      const name = `quota ${period(exchange)} ${key(exchange)}`;
      const { state, retryAfter } = counters.period(name, period(exchange), Date.parse(first));
      const exceeded = (what: string) => {
        const headers: Record<string, string> =
          retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
        const wait =
          retryAfter === undefined ? "" : ` Quota will be replenished in ${clockTime(retryAfter)}.`;
        return new GatewayError(403, "QuotaExceeded", `Out of ${what} quota.${wait}`, { headers });
      };
      const before = exchange.counted.get(name) ?? 0;
      if (calls && state.count - before >= calls(exchange)) throw exceeded("call volume");
      if (kilobytes && state.bytes >= kilobytes(exchange) * 1024) throw exceeded("bandwidth");
      countWhen(exchange, condition, name, () => {
        state.count += 1;
        return 1;
      });
      if (exchange.counted.has(`${name} bytes`)) return undefined;
      exchange.counted.set(`${name} bytes`, 0);
      exchange.afterBytes.push((bytes) => {
        state.bytes += bytes;
      });
      return undefined;
    };
  },
};

function clockTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * Counts the call once a key: at once, or with a condition after the response is known, which the condition may
 * read. Source: "Limit call rate by key" and "Set usage quota by key".
 */
function countWhen(
  exchange: Exchange,
  condition: Evaluate<boolean> | undefined,
  name: string,
  count: () => number,
): void {
  const once = () => {
    if (!exchange.counted.has(name)) exchange.counted.set(name, count());
  };
  if (!condition) once();
  else exchange.afterwards.push(() => condition(exchange) && once());
}
