import type { Cloud } from "../cloud.ts";
import type { Connection, Site } from "../front/site.ts";
import { Hubs } from "./hub.ts";
import { Queries } from "./query/query.ts";
import { QueryIndex } from "./query/query-index.ts";
import { DailyQuota } from "./quota.ts";
import { BulkRegistry } from "./registry/bulk.ts";
import { DeviceTable } from "./registry/device-table.ts";
import { Registry } from "./registry/registry.ts";
import { HubHttp } from "./service/http.ts";
import { addRegistryRoutes } from "./service/registry-routes.ts";
import { addTwinRoutes } from "./service/twin-routes.ts";
import { Throttles } from "./throttle.ts";
import { Twins } from "./twins/twins.ts";

export interface IotHubOptions {
  /** Whether throttles and daily quotas are enforced; default true. */
  throttling?: boolean;
  /** How long after a change queries show it, in milliseconds; default 0. See QueryIndex. */
  queryLagMs?: number;
}

export type IotHub = ReturnType<typeof createIotHub>;

/** The data plane of every Microsoft.Devices/IotHubs that the program declared, at name.azure-devices.net. */
export function createIotHub(cloud: Cloud, options: IotHubOptions = {}) {
  const throttling = options.throttling ?? true;
  const throttles = new Throttles(cloud.clock, throttling);
  const quota = new DailyQuota(cloud, throttling);
  const devices = new DeviceTable(cloud.store);
  const index = new QueryIndex(cloud, devices, options.queryLagMs ?? 0);
  const registry = new Registry(cloud, devices);
  const twins = new Twins(cloud, registry, devices);
  const bulk = new BulkRegistry(cloud, registry, twins, devices);
  const pendingMessages = () => 0;
  const queries = new Queries(cloud, index, pendingMessages);
  const hubs = new Hubs(cloud, (hub) => devices.deleteHub(hub.key));

  const http = new HubHttp(cloud, throttles);
  addRegistryRoutes(http, { registry, bulk, queries, throttles, quota, pendingMessages });
  addTwinRoutes(http, { registry, twins, quota, pendingMessages });

  const site: Site = {
    serves: (host) => hubs.at(host) !== undefined,
    request: (req, res, connection: Connection) => {
      const hub = hubs.at(connection.host);
      if (hub) http.handle(hub, req, res);
      else req.socket.destroy();
    },
  };
  return { site, close: () => {} };
}
