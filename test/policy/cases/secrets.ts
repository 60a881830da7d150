import { add, type Refused, set } from "../changes.ts";

/** Secrets that the program makes or shows. */
export const secretCases: Refused[] = [
  [
    "program-makes-no-secret",
    "added",
    add("azure-native:apimanagement:Subscription", { displayName: "shared" }),
  ],
  ["program-makes-no-secret", "added", add("random:index/randomPassword:RandomPassword", { length: 32 })],
  [
    "program-makes-no-secret",
    "operators-application",
    set("operators-application", "password", { displayName: "pipeline" }),
  ],
  [
    "program-makes-no-secret",
    "added",
    add("azure-native:apimanagement:NamedValue", { secret: true, value: "x" }),
  ],
  [
    "program-makes-no-secret",
    "flow-backend",
    set("flow-backend", "credentials", { authorization: { scheme: "Bearer", parameter: "x" } }),
  ],
  ["no-secret-in-outputs", "terminal-fleet-dev", set("terminal-fleet-dev", "key", `${"A".repeat(43)}=`)],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "keys.one", `${"A".repeat(86)}==`),
  ],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "hub", "HostName=h;SharedAccessKey=x"),
  ],
  [
    "no-secret-in-outputs",
    "terminal-fleet-dev",
    set("terminal-fleet-dev", "link", `https://a.blob.core.windows.net/c/b?sv=1&sig=${"a".repeat(43)}%3D`),
  ],
];
