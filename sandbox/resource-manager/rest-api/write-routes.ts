import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ArmError, NotInSandboxError, notFound } from "../arm-error.ts";
import { checkEtag, checkNoEtag, etag } from "../etag.ts";
import { matchResource } from "../match-resource.ts";
import type { ResourceType } from "../resource-type.ts";
import type { Resource } from "../resources.ts";
import type { AsyncOperations } from "./async-operations.ts";
import { checkUnknownMembers, mergePatch, readBody, writtenPart } from "./request-body.ts";
import { type RestRules, restRulesOf } from "./rest-rules.ts";
import {
  jsonBody,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
  shownOverRest,
  writtenPath,
} from "./routes.ts";

/** Adds PUT, PATCH and DELETE of every resource type. The checks are those of deployments: see ResourceManager. */
export function addWriteRoutes(
  app: ManagementApp,
  { azure }: ManagementParts,
  operations: AsyncOperations,
): void {
  app.put("*", async (context) => {
    const id = writtenPath(context);
    const { type } = matchResource(id);
    const existing = azure.resources.get(id);
    const mayCreate = restRulesOf(type.type).anyMatchCreates && context.req.header("If-Match") === "*";
    if (existing || !mayCreate) checkConditions(context, existing);
    return write(context, id, type, await jsonBody(context));
  });

  app.patch("*", async (context) => {
    const id = writtenPath(context);
    const { type } = matchResource(id);
    const { patch = "any" } = restRulesOf(type.type);
    if (patch === "none") {
      throw new ArmError(405, "HttpMethodNotSupported", `${type.type} has no PATCH. Use PUT.`);
    }
    context.get("manager").authorize(`${type.type}/write`, id);
    const existing = context.get("manager").stored(id);
    requireIfMatch(context, "PATCH", restRulesOf(type.type));
    checkConditions(context, existing);
    const change = await jsonBody(context);
    if (patch === "tags") checkTagsOnly(change, type);
    return write(context, id, type, mergePatch(writtenPart(type, existing), change) as typeof change);
  });

  app.delete("*", async (context) => {
    const id = writtenPath(context);
    const { type } = matchResource(id);
    const rules = restRulesOf(type.type);
    if (type.singleton) throw new NotInSandboxError(`a DELETE of ${type.type}`);
    const manager = context.get("manager");
    manager.authorize(`${type.type}/delete`, id);
    requireIfMatch(context, "DELETE", rules);
    const existing = azure.resources.get(id);
    if (!existing) {
      if (rules.missing === 404) throw notFound(id);
      manager.checkContainers(id);
      return context.body(null, 204);
    }
    checkConditions(context, existing);
    const shown = manager.readable(id);
    await manager.delete(id, { ifMatch: context.req.header("If-Match") });
    const { deleted = 200, deletedBody, operation } = rules;
    if (deletedBody) return context.json(shown);
    if (deleted === 202 && operation) {
      operations.start(context, operation, existing.id, existing.location, undefined);
    }
    return context.body(null, deleted);
  });

  async function write(
    context: ManagementContext,
    id: string,
    type: ResourceType,
    given: Record<string, unknown>,
  ): Promise<Response> {
    const manager = context.get("manager");
    const rules = restRulesOf(type.type);
    const existed = azure.resources.get(id) !== undefined;
    // A caller without the right learns nothing about the body, and a missing group counts before a wrong body.
    manager.checkWritable(id);
    const read = readBody(type, given);
    const resource = await manager.write(id, read.body, (completed) =>
      checkUnknownMembers(read, type, completed),
    );
    const created = !existed && !type.singleton;
    const status = created ? (rules.created ?? 201) : (rules.changed ?? 200);
    if (rules.operation && (created || rules.operation === "hub") && rules.operation !== "group") {
      const result = () => shownOverRest(context.get("manager").readable(id));
      operations.start(context, rules.operation, resource.id, resource.location, result);
    }
    if (rules.etagHeader) context.header("ETag", etag(manager.stored(id)));
    if (status === 202) return context.body(null, status);
    return context.json(shownOverRest(resource), status as ContentfulStatusCode);
  }
}

/** @throws ArmError PreconditionFailed (412) */
function checkConditions(context: ManagementContext, existing: Resource | undefined): void {
  const ifMatch = context.req.header("If-Match");
  const ifNoneMatch = context.req.header("If-None-Match");
  if (ifMatch !== undefined) checkEtag(ifMatch, existing);
  if (ifNoneMatch !== undefined) checkNoEtag(ifNoneMatch, existing);
}

function requireIfMatch(context: ManagementContext, method: "PATCH" | "DELETE", rules: RestRules): void {
  if (!rules.ifMatchRequired?.includes(method) || context.req.header("If-Match")) return;
  throw new ArmError(400, "ValidationError", "The If-Match header is required. '*' matches any version.");
}

/** Source: REST reference, "Iot Hub Resource - Update": it changes tags, and a PUT changes everything else. */
function checkTagsOnly(change: Record<string, unknown>, type: ResourceType): void {
  const other = Object.keys(change).find((name) => name !== "tags");
  if (other) {
    throw new ArmError(
      400,
      "InvalidRequestContent",
      `A PATCH of ${type.type} changes its tags only, not '${other}'. Use PUT.`,
    );
  }
}
