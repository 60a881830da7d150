import { resolve } from "node:path";

/** Path of the checkout. */
export const projectRoot = resolve(import.meta.dirname, "..", "..");
