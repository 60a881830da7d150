import { z } from "zod";
import {
  apiSubscription,
  mintSubscriptionKey,
} from "../../services/api-management/resource-types/api-subscription.ts";
import { ArmError } from "../arm-error.ts";
import { checkEtag, etag } from "./etag.ts";
import {
  idBeforeAction,
  jsonBody,
  type ManagementApp,
  type ManagementContext,
  type ManagementParts,
  writtenPath,
} from "./routes.ts";

const subscriptionPath =
  "/subscriptions/:s/resourcegroups/:g/providers/microsoft.apimanagement/service/:n/subscriptions/:sid";

const { type } = apiSubscription;

const putSchema = z.strictObject({ properties: apiSubscription.inputs });
const patchSchema = z.strictObject({
  properties: apiSubscription.inputs.partial().extend({ stateComment: z.string().optional() }),
});

/** Adds API Management's subscriptions: the pairs of subscription keys of customers. Only listSecrets returns the keys. */
export function addSubscriptionRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const answer = (context: ManagementContext, id: string, status: 200 | 201) => {
    const manager = context.get("manager");
    context.header("ETag", etag(manager.stored(id)));
    return context.json(manager.readable(id), status);
  };

  app.put(subscriptionPath, async (context) => {
    const id = writtenPath(context);
    const previous = azure.resources.get(id);
    const ifMatch = context.req.header("If-Match");
    if (ifMatch !== undefined) checkEtag(ifMatch, context.get("manager").stored(id));
    const { properties } = parse(putSchema, await jsonBody(context));
    await context.get("manager").write(id, { properties });
    return answer(context, id, previous ? 200 : 201);
  });

  app.patch(subscriptionPath, async (context) => {
    const id = writtenPath(context);
    context.get("manager").authorize(`${type}/write`, id);
    const previous = context.get("manager").stored(id);
    checkEtag(requireIfMatch(context), previous);
    const { properties } = parse(patchSchema, await jsonBody(context));
    await context.get("manager").write(id, { properties: { ...previous.properties, ...properties } });
    return answer(context, id, 200);
  });

  app.delete(subscriptionPath, async (context) => {
    const id = writtenPath(context);
    context.get("manager").authorize(`${type}/delete`, id);
    const ifMatch = requireIfMatch(context);
    const previous = azure.resources.get(id);
    if (!previous) return context.body(null, 204);
    checkEtag(ifMatch, previous);
    await context.get("manager").delete(id);
    return context.body(null, 200);
  });

  app.post(`${subscriptionPath}/listsecrets`, (context) => {
    const id = idBeforeAction(context);
    context.get("manager").authorize(`${type}/listSecrets/action`, id);
    const resource = context.get("manager").stored(id);
    context.header("ETag", etag(resource));
    const { primaryKey, secondaryKey } = resource.properties;
    return context.json({ primaryKey, secondaryKey });
  });

  for (const key of ["primaryKey", "secondaryKey"]) {
    const action = `regenerate${key[0]?.toUpperCase()}${key.slice(1)}`;
    app.post(`${subscriptionPath}/${action.toLowerCase()}`, (context) => {
      const id = idBeforeAction(context);
      context.get("manager").authorize(`${type}/${action}/action`, id);
      const resource = context.get("manager").stored(id);
      azure.resources.put({
        ...resource,
        properties: { ...resource.properties, [key]: mintSubscriptionKey() },
      });
      return context.body(null, 204);
    });
  }
}

function requireIfMatch(context: ManagementContext): string {
  const ifMatch = context.req.header("If-Match");
  if (ifMatch) return ifMatch;
  throw new ArmError(400, "ValidationError", "The If-Match header is required. '*' matches any version.");
}

function parse<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) =>
    [issue.path.join("."), issue.message].filter(Boolean).join(": "),
  );
  throw new ArmError(
    400,
    "ValidationError",
    `One or more fields contain incorrect values: ${problems.join("; ")}`,
  );
}
