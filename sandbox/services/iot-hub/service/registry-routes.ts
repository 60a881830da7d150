import { z } from "zod";
import { HubError } from "../errors.ts";
import type { Queries } from "../query/queries.ts";
import type { DailyQuota } from "../quota.ts";
import { type BulkRegistry, bulkLimit } from "../registry/bulk.ts";
import type { DeviceRow } from "../registry/device-table.ts";
import { deviceSchema, etagText, identityJson, parseAs } from "../registry/identity.ts";
import type { Registry } from "../registry/registry.ts";
import type { Throttles } from "../throttle.ts";
import type { HubHttp } from "./http.ts";

export interface RegistryParts {
  registry: Registry;
  bulk: BulkRegistry;
  queries: Queries;
  throttles: Throttles;
  quota: DailyQuota;
  pendingMessages: (hub: string, id: string) => number;
}

const querySchema = z.strictObject({ query: z.string() });

/** Parses an optional number. @throws HubError ArgumentInvalid unless it is a whole number of at least 1. */
function parseCount(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw new HubError("ArgumentInvalid", `BadRequest: ${name} must be a whole number of at least 1.`);
  }
  return Number(text);
}

/** Adds the identity registry, its statistics and queries of twins. */
export function addRegistryRoutes(http: HubHttp, parts: RegistryParts): void {
  const { registry } = parts;
  const identity = (row: DeviceRow) => identityJson(row, parts.pendingMessages(row.hub, row.id));
  const answer = (row: DeviceRow) =>
    Response.json(identity(row), { headers: { etag: `"${etagText(row.etag)}"` } });
  const throttle = "RegistryOperation" as const;

  http.service("GET", "/devices/:id", { actions: ["devices/read"], throttle }, (call) =>
    answer(registry.get(call.hub, call.param("id"))),
  );

  http.service("GET", "/devices", { actions: ["devices/read"], throttle }, (call) => {
    const top = parseCount(call.query("top"), "top");
    return registry.list(call.hub, top ?? 1000).map(identity);
  });

  http.service("PUT", "/devices/:id", { actions: ["devices/write"], throttle }, async (call) => {
    const body = parseAs(deviceSchema, await call.json());
    const id = call.param("id");
    if (body.deviceId !== id) {
      throw new HubError(
        "ArgumentInvalid",
        "BadRequest: The deviceId in the body differs from the one in the path.",
      );
    }
    // On a live hub, a PUT without If-Match creates a device and a PUT with If-Match updates one.
    const ifMatch = call.header("if-match");
    return answer(
      ifMatch ? registry.update(call.hub, id, body, ifMatch) : registry.create(call.hub, id, body),
    );
  });

  http.service("DELETE", "/devices/:id", { actions: ["devices/delete"], throttle }, (call) => {
    registry.delete(call.hub, call.param("id"), call.header("if-match"));
    return new Response(null, { status: 204 });
  });

  const bulkActions = { actions: ["devices/write" as const, "devices/delete" as const] };
  http.service("POST", "/devices", { ...bulkActions, throttle: "own" }, async (call) => {
    const body = await call.json();
    const cost = Array.isArray(body) ? Math.min(body.length, bulkLimit) : 1;
    await parts.throttles.acquire(call.hub, "RegistryOperation", cost);
    const errors = parts.bulk.call(call.hub, body);
    const result = { isSuccessful: errors.length === 0, errors, warnings: [] };
    return Response.json(result, {
      status: errors.length === 0 ? 200 : 400,
      headers: errors.length === 0 ? {} : { "iothub-errorcode": "BulkRegistryOperationFailure" },
    });
  });

  http.service("GET", "/statistics/devices", { actions: ["statistics/read"], throttle }, (call) => {
    const { total, enabled, disabled } = registry.statistics(call.hub);
    return { totalDeviceCount: total, enabledDeviceCount: enabled, disabledDeviceCount: disabled };
  });

  http.service("GET", "/statistics/service", { actions: ["statistics/read"], throttle }, (call) => ({
    connectedDeviceCount: registry.statistics(call.hub).connected,
  }));

  const queryRules = { actions: ["twins/read" as const], throttle: "Query" as const, standardOnly: true };
  http.service("POST", "/devices/query", queryRules, async (call) => {
    const { query } = parseAs(querySchema, await call.json());
    const page = parts.queries.run(call.hub, query, {
      pageSize: parseCount(call.header("x-ms-max-item-count"), "x-ms-max-item-count"),
      continuation: call.header("x-ms-continuation"),
    });
    const body = JSON.stringify(page.items);
    parts.quota.charge(call.hub, Buffer.byteLength(body));
    const headers: Record<string, string> = {
      "content-type": "application/json; charset=utf-8",
      "x-ms-item-type": page.itemType,
    };
    if (page.continuation) headers["x-ms-continuation"] = page.continuation;
    return new Response(body, { headers });
  });
}
