import type { Value } from "../../engine/value.ts";

export const isHttpsUrl = (value: Value) => typeof value === "string" && value.startsWith("https://");
