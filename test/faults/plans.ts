import type { FaultRule } from "@terminal-fleet/sandbox/testing";
import type { Choices } from "./seeds.ts";

/** Requests that failures are played to. */
export type Targets = Pick<FaultRule, "host" | "method" | "path">[];

/** What onboarding asks of the services. */
export const onboardingCalls: Targets = [
  { host: "*.azure-devices.net", method: "POST", path: "/devices?*" },
  { host: "*.azure-devices.net", method: "GET" },
  { host: "*.azure-devices.net", path: "/jobs*" },
  { host: "*.blob.core.windows.net", method: "PUT" },
  { host: "*.blob.core.windows.net", path: "*comp=acl*" },
  { host: "*.table.core.windows.net", method: "POST" },
  { host: "*.table.core.windows.net", method: "GET" },
  { host: "management.azure.com" },
  { host: "login.microsoftonline.com" },
];

/** What rotation asks of the services. */
export const rotationCalls: Targets = [
  { host: "*.azure-devices.net", method: "PATCH", path: "/twins/*" },
  { host: "*.azure-devices.net", method: "PUT", path: "/devices/*" },
  { host: "*.azure-devices.net", method: "GET" },
  { host: "*.table.core.windows.net", method: "PATCH" },
  { host: "*.table.core.windows.net", method: "GET" },
  { host: "management.azure.com" },
];

/** A few failures of the services: answers 429, 500 and 503, connections dropped before and after the change, delays. */
export function serviceFaults(choices: Choices, targets: Targets): FaultRule[] {
  return Array.from({ length: choices.between(1, 3) }, () => {
    const target = choices.one(targets);
    const rule = { ...target, skip: choices.between(0, 4), first: choices.between(1, 3) };
    // A 429 of the hub has no Retry-After and makes it wait for ten seconds: once is enough.
    if (choices.chance(0.1)) return { ...rule, first: 1, answer: { status: 429 } };
    const effects: Partial<FaultRule>[] = [
      { answer: { status: 500 } },
      { answer: { status: 503 } },
      { drop: "before" },
      { drop: "after" },
      { drop: "after" },
      { delayMs: 300, rate: 0.5 },
    ];
    return { ...rule, ...choices.one(effects) };
  });
}

/** What revoking and reinstating ask of the services. */
export const lifeCalls: Targets = [
  { host: "*.azure-devices.net", method: "PUT", path: "/devices/*" },
  { host: "*.azure-devices.net", method: "PATCH", path: "/twins/*" },
  { host: "*.azure-devices.net", method: "GET" },
  { host: "*.blob.core.windows.net", path: "*comp=acl*" },
  { host: "*.blob.core.windows.net", method: "PUT" },
  { host: "*.table.core.windows.net", method: "PATCH" },
  { host: "*.table.core.windows.net", method: "POST" },
  { host: "*.table.core.windows.net", method: "PUT" },
  { host: "*.table.core.windows.net", method: "GET" },
];
