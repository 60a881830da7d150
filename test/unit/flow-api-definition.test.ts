import { expect, test } from "vitest";
import exampleDocument from "../../settings/flow-api.openapi.json" with { type: "json" };
import { errorLines, readChanged } from "./changed-settings.ts";

const operation = { operationId: "find-thing", summary: "A thing", responses: {} };
const document = (paths: unknown, changes: Record<string, unknown> = {}) =>
  JSON.stringify({ openapi: "3.0.1", info: {}, "x-max-request-bytes": 10, paths, ...changes });
const linesOf = (paths: unknown, changes?: Record<string, unknown>) =>
  errorLines({ flowApiDefinition: document(paths, changes) });

test("a stack's own OpenAPI document replaces the example, with its operations and its size of requests", () => {
  const paths = {
    "/things/{shelf}/{id}": { parameters: [], get: operation, delete: { ...operation, operationId: "drop" } },
    "/things": { put: { ...operation, operationId: "put-thing", requestBody: {} } },
  };
  expect(readChanged({ flowApiDefinition: document(paths) }).flowApiDefinition).toEqual({
    operations: [
      {
        id: "find-thing",
        summary: "A thing",
        method: "GET",
        path: "/things/{shelf}/{id}",
        parameters: ["shelf", "id"],
      },
      {
        id: "drop",
        summary: "A thing",
        method: "DELETE",
        path: "/things/{shelf}/{id}",
        parameters: ["shelf", "id"],
      },
      { id: "put-thing", summary: "A thing", method: "PUT", path: "/things", parameters: [] },
    ],
    maxRequestBytes: 10,
  });
});

test("a document that the gateway cannot follow is refused with its place and what is allowed", () => {
  const ok = { "/": { get: operation } };
  const where = "terminal-fleet:flowApiDefinition";
  expect(errorLines({ flowApiDefinition: "no JSON" })).toEqual([
    `${where} is "no JSON"; allowed: an OpenAPI 3.0 document with x-max-request-bytes`,
  ]);
  expect(linesOf(ok, { openapi: "2.0" })).toEqual([
    `${where}.openapi is "2.0"; allowed: OpenAPI 3.0, such as 3.0.3`,
  ]);
  expect(linesOf(ok, { "x-max-request-bytes": 1_000_000 })).toEqual([
    `${where}.x-max-request-bytes is 1000000; allowed: the maximum size of a request body in bytes, a whole number from 0 to 999999`,
  ]);
  expect(linesOf({ "/": { get: { summary: "x" } } })).toEqual([
    `${where}.paths./.get.operationId is missing; allowed: an ID of 2 to 80 lower-case letters, digits and hyphens`,
  ]);
  expect(linesOf({ "/": { get: operation, servers: [] } })).toEqual([
    `${where}.paths./.servers is unknown; allowed: get, put, post, delete, options, head, patch, summary, description, parameters`,
  ]);
  expect(linesOf({ "/": { get: operation, post: operation } })).toEqual([
    expect.stringMatching(/\.paths is .*; allowed: at least one operation, each operationId once$/),
  ]);
  expect(linesOf({})).toEqual([
    `${where}.paths is {}; allowed: at least one operation, each operationId once`,
  ]);
  for (const path of ["things", "/things?x={y}", "/*"]) expect(linesOf({ [path]: {} })).toHaveLength(1);
});

test("the example document describes each answer of the gateway", () => {
  for (const item of Object.values(exampleDocument.paths)) {
    for (const { responses } of Object.values(item)) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "401", "429", "503", "504"]));
    }
  }
  expect(Object.keys(exampleDocument.paths["/v1/lookups"].post.responses)).toEqual(
    expect.arrayContaining(["411", "413"]),
  );
});
