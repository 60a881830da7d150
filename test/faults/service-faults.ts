import type { FaultRule } from "../../sandbox/proxy/faults.ts";
import type { Choices } from "./seeds.ts";

/** Requests for which faults are chosen. */
export type Targets = Pick<FaultRule, "host" | "method" | "path">[];

/** The requests of onboarding. */
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

/** The requests of a key rotation. */
export const rotationCalls: Targets = [
  { host: "*.azure-devices.net", method: "PATCH", path: "/twins/*" },
  { host: "*.azure-devices.net", method: "PUT", path: "/devices/*" },
  { host: "*.azure-devices.net", method: "GET" },
  { host: "*.table.core.windows.net", method: "PATCH" },
  { host: "*.table.core.windows.net", method: "GET" },
  { host: "management.azure.com" },
];

/** The requests of revoking and reinstating. */
export const lifecycleCalls: Targets = [
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

/** Chooses one to three faults: answers 429, 500 or 503, a connection dropped before or after the change, a delay. */
export function serviceFaults(choices: Choices, targets: Targets): FaultRule[] {
  return Array.from({ length: choices.between(1, 3) }, () => {
    const target = choices.one(targets);
    const rule = { ...target, skip: choices.between(0, 4), first: choices.between(1, 3) };
    // The hub's 429 has no Retry-After header, so the client waits for ten seconds: once is enough.
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
