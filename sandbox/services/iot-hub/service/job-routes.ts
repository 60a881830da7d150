import type { ImportExportJobs } from "../jobs/import-export-jobs.ts";
import type { HubHttp } from "./http.ts";

/** Adds import and export jobs. The sandbox does not have scheduled jobs (/jobs/v2). */
export function addJobRoutes(http: HubHttp, jobs: ImportExportJobs): void {
  const throttle = "JobOperation" as const;
  http.service("POST", "/jobs/create", { actions: ["jobs/write"], throttle }, async (call) => ({
    ...(await jobs.create(call.hub, await call.json())),
  }));
  http.service("GET", "/jobs", { actions: ["jobs/read"], throttle }, (call) => jobs.list(call.hub));
  http.service("GET", "/jobs/:id", { actions: ["jobs/read"], throttle }, (call) => ({
    ...jobs.get(call.hub, call.param("id")),
  }));
  http.service("DELETE", "/jobs/:id", { actions: ["jobs/delete"], throttle }, (call) => {
    jobs.cancel(call.hub, call.param("id"));
    return new Response(null, { status: 204 });
  });
}
