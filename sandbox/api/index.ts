/*
 * The package for tests: a sandbox in a process of its own, and what a test does with it. It runs in Vitest, in Jest and
 * in Node's own test runner, and loads none of the sandbox's services into the test's process.
 */
export type { FaultOrder, FaultService, FaultState } from "../faults/fault-order.ts";
export type { SeededDevice, SeedResult } from "../seed/seed-result.ts";
export type { SeedInput } from "../seed/seed-schema.ts";
export { type ClockMove, type RunningSandbox, type StartOptions, start } from "./running-sandbox.ts";
