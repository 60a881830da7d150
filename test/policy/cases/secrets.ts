import { randomBytes } from "node:crypto";
import { add, type Refused, set } from "../changes.ts";

const output = (value: unknown, name = "value"): Refused => [
  "no-secret-in-outputs",
  "terminal-fleet-dev",
  set("terminal-fleet-dev", name, value),
];
const made: (type: string, properties?: Record<string, unknown>) => Refused = (type, properties = {}) => [
  "program-makes-no-secret",
  "added",
  add(type, properties),
];
const key = (encoding: BufferEncoding, bytes = 32) => randomBytes(bytes).toString(encoding);

/** Secrets that the program makes, keeps or shows. */
export const secretCases: Refused[] = [
  made("azure-native:apimanagement:Subscription", { displayName: "shared" }),
  made("azure-native:apimanagement:Certificate", { data: "AA==", password: "x" }),
  made("azure-native:keyvault:Secret", { properties: { value: "x" } }),
  made("azure-native:apimanagement:NamedValue", { secret: true, value: "x" }),
  made("azure-native:apimanagement:IdentityProvider", { clientSecret: "x" }),
  made("random:index/randomPassword:RandomPassword", { length: 32 }),
  made("random:index/randomBytes:RandomBytes", { length: 32 }),
  made("random:index/randomString:RandomString", { length: 6 }),
  ["program-makes-no-secret", "names-suffix", set("names-suffix", "length", 32)],
  [
    "program-makes-no-secret",
    "operators-application",
    set("operators-application", "password", { displayName: "pipeline" }),
  ],
  [
    "program-makes-no-secret",
    "flow-service",
    set("flow-service", "hostnameConfigurations", [
      { hostName: "flow.example.com", certificatePassword: "x" },
    ]),
  ],
  [
    "program-makes-no-secret",
    "flow-service",
    set("flow-service", "certificates", [{ storeName: "Root", encodedCertificate: "AA==" }]),
  ],
  [
    "program-makes-no-secret",
    "flow-backend",
    set("flow-backend", "credentials", { authorization: { scheme: "Bearer", parameter: "x" } }),
  ],
  // Under whatever name.
  ...(
    [
      ["terminals-hub", "tags.note", key("base64")],
      ["flow-api", "description", `Call it with sig=${"a".repeat(43)}%3D`],
      ["observability-alerts-people", "webhookReceivers", [{ serviceUri: `https://a/?code=${key("hex")}` }]],
      ["audit-container", "metadata.note", "AccountName=a;AccountKey=x"],
    ] as const
  ).map(([name, path, value]): Refused => ["program-makes-no-secret", name, set(name, path, value)]),

  output(key("base64")),
  output({ one: key("base64", 64) }),
  output(key("base64url").replace(/^.{4}/, "Aa0_")),
  output(key("hex")),
  output(JSON.stringify({ terminal: "hall-01", key: key("base64") })),
  output(JSON.stringify({ flow: { key: key("hex", 16) } })),
  output(key("hex", 16), "sharedKey"),
  output([key("hex", 16)], "keys"),
  output({ primary: { value: key("hex", 16) } }, "sharedKey"),
  output(JSON.stringify({ keys: [key("hex", 16)] })),
  output(encodeURIComponent(key("base64").replace(/^.{4}/, "a+/a"))),
  output(Buffer.from(JSON.stringify({ key: key("base64") })).toString("base64")),
  output(Buffer.from(key("base64")).toString("base64url")),
  output(`abc8Q~${"x_y.Z-1".repeat(5).slice(0, 34)}`),
  output("HostName=h;SharedAccessKey=x"),
  output(`https://a.blob.core.windows.net/c/b?sv=1&sig=${"a".repeat(43)}%3D`),
  output(`Bearer eyJhbGciOiJIUzI1NiJ9.e30.${"a".repeat(43)}`),
  output("AGE-SECRET-KEY-1QQQ"),
];
