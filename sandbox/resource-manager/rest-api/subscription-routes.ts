import { z } from "zod";
import {
  apiSubscription,
  mintSubscriptionKey,
} from "../../services/api-management/resource-types/api-subscription.ts";
import { ArmError } from "../arm-error.ts";
import { checkEtag, etag } from "../etag.ts";
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

const patchSchema = z.strictObject({
  properties: apiSubscription.inputs.partial().extend({ stateComment: z.string().optional() }),
});

/**
 * Adds what API Management's subscriptions have besides other resources: a comment in a PATCH, and the subscription keys
 * of customers, which only listSecrets returns.
 */
export function addSubscriptionRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  app.patch(subscriptionPath, async (context) => {
    const id = writtenPath(context);
    context.get("manager").authorize(`${type}/write`, id);
    const previous = context.get("manager").stored(id);
    checkEtag(requireIfMatch(context), previous);
    const { properties } = parse(patchSchema, await jsonBody(context));
    await context.get("manager").write(id, { properties: { ...previous.properties, ...properties } });
    context.header("ETag", etag(context.get("manager").stored(id)));
    return context.json(context.get("manager").readable(id));
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
