import { z } from "zod";
import { enforced, noEffect } from "./input-effect.ts";

/** Schemas that several resource types share. */

export const text = z.string();
export const flag = z.boolean();
export const whole = z.number().int();
export const tags = noEffect(
  z.record(z.string().min(1).max(512), z.string().max(256)),
  "Azure stores and returns tags, and does nothing else with them either",
);
export const location = enforced(
  z.string().min(1),
  "a region that does not exist or does not offer the type is refused, and so is a change",
);

/** A managed identity. The sandbox does not have user-assigned identities. */
export const identity = enforced(
  z.strictObject({ type: z.enum(["SystemAssigned", "None"]) }),
  "SystemAssigned creates a service principal that can be given roles; user-assigned identities are refused",
);

/** An ISO 8601 duration such as PT5M. */
export const duration = z.string().regex(/^P(?=\d|T\d)(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$/);

/** A schema of an object with optional properties. */
export function optional<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape).partial();
}
