import { requireProperty } from "../../engine/checks.ts";
import type { Check } from "../../engine/rule.ts";
import type { Value } from "../../engine/value.ts";

/** Azure accepts "West Europe" and "westeurope" for the same region. */
export const normalizeRegion = (value: Value) =>
  String(value ?? "")
    .toLowerCase()
    .replaceAll(" ", "");

/** Checks that the location is one of these regions. A missing location fails. */
export const requireRegion = (regions: string[]): Check =>
  requireProperty("location", regions.join(" or "), (value) => regions.includes(normalizeRegion(value)));
