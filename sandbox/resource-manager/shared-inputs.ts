import { z } from "zod";

/** Schemas that several resource types share, under the names of the SDK's inputs. */

export const text = z.string();
export const flag = z.boolean();
export const whole = z.number().int();
export const tags = z.record(z.string().min(1).max(512), z.string().max(256));
export const location = z.string().min(1);

/** A managed identity. User-assigned ones are not known here, so only these two are taken. */
export const identity = z.strictObject({ type: z.enum(["SystemAssigned", "None"]) });

/** An ISO 8601 duration such as PT5M. */
export const duration = z.string().regex(/^P(?=\d|T\d)(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$/);

/** An object in which every property may be left out. */
export function optional<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape).partial();
}
