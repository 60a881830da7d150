import { z } from "zod";
import { endpointList } from "./endpoint-list.ts";

/** The JSON Schema of `endpoints.json`, as text: docs/reference/endpoints.schema.json. */
export function renderListSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(endpointList, { target: "draft-2020-12" });
  return `${JSON.stringify({ $schema, title: "endpoints.json", ...schema }, null, 2)}\n`;
}
