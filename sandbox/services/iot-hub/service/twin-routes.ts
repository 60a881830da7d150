import type { DailyQuota } from "../quota.ts";
import type { DeviceRow } from "../registry/device-table.ts";
import { parseAs, readTwinCondition } from "../registry/identity.ts";
import type { Registry } from "../registry/registry.ts";
import { type Twins, twinEtagText, twinJson, twinSchema } from "../twins/twins.ts";
import type { Call, HubHttp } from "./http.ts";

export interface TwinParts {
  registry: Registry;
  twins: Twins;
  quota: DailyQuota;
  pendingMessages: (hub: string, id: string) => number;
}

/** Adds reads, updates and replacements of twins. */
export function addTwinRoutes(http: HubHttp, parts: TwinParts): void {
  const { registry, twins, quota } = parts;
  const answer = (row: DeviceRow) => {
    const json = JSON.stringify(twinJson(row, parts.pendingMessages(row.hub, row.id)));
    const headers = {
      "content-type": "application/json; charset=utf-8",
      etag: `"${twinEtagText(row.twinEtag)}"`,
    };
    return { json, response: new Response(json, { headers }) };
  };

  const readRules = { actions: ["twins/read" as const], throttle: "TwinRead" as const, standardOnly: true };
  http.service("GET", "/twins/:id", readRules, (call) => {
    const { json, response } = answer(registry.get(call.hub, call.param("id")));
    quota.charge(call.hub, Buffer.byteLength(json));
    return response;
  });

  const write = async (call: Call, replace: boolean) => {
    const body = parseAs(twinSchema, await call.json());
    quota.charge(call.hub, Buffer.byteLength(JSON.stringify(body)));
    const options = { replace, ifMatch: readTwinCondition(call.header("if-match")) };
    return answer(twins.write(call.hub, call.param("id"), body, options)).response;
  };
  const writeRules = {
    actions: ["twins/write" as const],
    throttle: "TwinUpdate" as const,
    standardOnly: true,
  };
  http.service("PATCH", "/twins/:id", writeRules, (call) => write(call, false));
  http.service("PUT", "/twins/:id", writeRules, (call) => write(call, true));
}
