import { z } from "zod";
import exampleDocument from "./flow-api.openapi.json" with { type: "json" };
import { structure, text } from "./values.ts";

const methods = ["get", "put", "post", "delete", "options", "head", "patch"] as const;

const operation = z
  .object(
    {
      operationId: text(
        "an ID of 2 to 80 lower-case letters, digits and hyphens",
        /^[a-z][a-z0-9-]{0,78}[a-z0-9]$/,
      ),
      summary: text("a name for people of up to 300 characters", /^.{1,300}$/),
    },
    { error: "an operation with operationId and summary" },
  )
  .optional();

/** Methods and documentation only. The program does not resolve servers and references of a path. */
const pathItem = z.strictObject(
  {
    get: operation,
    put: operation,
    post: operation,
    delete: operation,
    options: operation,
    head: operation,
    patch: operation,
    summary: z.unknown().optional(),
    description: z.unknown().optional(),
    parameters: z.unknown().optional(),
  },
  { error: `${methods.join(", ")}, summary, description, parameters` },
);

const sizeAllowed = "the maximum size of a request body in bytes, a whole number from 0 to 999999";
const pathAllowed = "paths that begin with / and have no query and no *";
const documentAllowed = "an OpenAPI 3.0 document with x-max-request-bytes";

/** Source of the version: api-management/api-management-api-import-restrictions. */
const document = z.object(
  {
    openapi: text("OpenAPI 3.0, such as 3.0.3", /^3\.0\.\d+$/),
    "x-max-request-bytes": z
      .int({ error: sizeAllowed })
      .min(0, { error: sizeAllowed })
      .max(999_999, { error: sizeAllowed }),
    paths: z.record(z.string().regex(/^\/[^?#*\s]*$/, { error: pathAllowed }), pathItem, {
      error: pathAllowed,
    }),
  },
  { error: documentAllowed },
);

/**
 * Schema of the setting `flowApiDefinition`: the OpenAPI document of the Flow API. Its value has the operations of the
 * document, in its order, and the maximum size of a request. The program declares each operation as a resource, and does not
 * let API Management import the document: a preview then shows each operation, and the policy pack checks it.
 */
export const flowApiDefinition = () =>
  structure(document, documentAllowed)
    .transform((found) => ({
      operations: operationsOf(found),
      maxRequestBytes: found["x-max-request-bytes"],
    }))
    .superRefine(({ operations }, context) => {
      const ids = operations.map(({ id }) => id);
      if (ids.length > 0 && new Set(ids).size === ids.length) return;
      const message = "at least one operation, each operationId once";
      context.addIssue({ code: "custom", path: ["paths"], message, input: ids });
    })
    .prefault(JSON.stringify(exampleDocument));

const operationsOf = ({ paths }: z.infer<typeof document>) =>
  Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const declared = item[method];
      if (!declared) return [];
      return {
        /** Operation ID: 2 to 80 lower-case letters, digits and hyphens. */
        id: declared.operationId,
        /** Name for people: 1 to 300 characters. */
        summary: declared.summary,
        /** HTTP method in upper case. */
        method: method.toUpperCase(),
        /** Path below the API, with {name} for each parameter. */
        path,
        /** Names of the parameters in the path, in their order. */
        parameters: [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name as string),
      };
    }),
  );

/** What the gateway knows of the Flow API. */
export type FlowApiDefinition = z.infer<ReturnType<typeof flowApiDefinition>>;

/** One operation of the Flow API. */
export type FlowOperation = FlowApiDefinition["operations"][number];
