import { randomBytes } from "node:crypto";
import { added, type Change, edit, type Refusal, refusals, set } from "../changes.ts";

const randomKey = (encoding: BufferEncoding, bytes = 32) => randomBytes(bytes).toString(encoding);

const stateRefusals: Refusal[] = [
  ...refusals("stack-no-secret-in-state", {
    "an API Management subscription": added("azure-native:apimanagement:Subscription", {
      displayName: "shared",
    }),
    "a certificate of API Management": added("azure-native:apimanagement:Certificate", {
      data: "AA==",
      password: "x",
    }),
    "a secret of a key vault": added("azure-native:keyvault:Secret", { properties: { value: "x" } }),
    "a secret named value": added("azure-native:apimanagement:NamedValue", { secret: true, value: "x" }),
    "a client secret of an identity provider": added("azure-native:apimanagement:IdentityProvider", {
      clientSecret: "x",
    }),
    "a random password": added("random:index/randomPassword:RandomPassword", { length: 32 }),
    "random bytes": added("random:index/randomBytes:RandomBytes", { length: 32 }),
    "a random text other than the suffix of names": added("random:index/randomString:RandomString", {
      length: 6,
    }),
    "a suffix of names with 32 characters": edit("names-suffix", "length", 32),
    "a password of the application": edit("operators-application", "password", { displayName: "pipeline" }),
    "a certificate password of a host name": edit("flow-service", "hostnameConfigurations", [
      { hostName: "flow.example.com", certificatePassword: "x" },
    ]),
    "an encoded certificate": edit("flow-service", "certificates", [
      { storeName: "Root", encodedCertificate: "AA==" },
    ]),
    "a bearer token of a backend": edit("flow-backend", "credentials", {
      authorization: { scheme: "Bearer", parameter: "x" },
    }),
    "a key in a tag": edit("terminals-hub", "tags.note", randomKey("base64")),
    "a signature in the description of an API": edit(
      "flow-api",
      "description",
      `Call it with sig=${"a".repeat(43)}%3D`,
    ),
    "a key in the URL of a webhook": edit("observability-alerts-people", "webhookReceivers", [
      { serviceUri: `https://a/?code=${randomKey("hex")}` },
    ]),
    "a connection string in the metadata of a container": edit(
      "audit-container",
      "metadata.note",
      "AccountName=a;AccountKey=x",
    ),
  }),
];

/** Values of an output, and the output's name where it matters. */
const secretOutputs: [title: string, value: unknown, name?: string][] = [
  ["a key of 32 bytes in base64", randomKey("base64")],
  ["a key of 64 bytes inside a map", { one: randomKey("base64", 64) }],
  ["a key of 32 bytes in base64url", randomKey("base64url").replace(/^.{4}/, "Aa0_")],
  ["a key of 32 bytes in hexadecimal", randomKey("hex")],
  ["a key inside JSON", JSON.stringify({ terminal: "hall-01", key: randomKey("base64") })],
  ["a key of API Management inside JSON", JSON.stringify({ flow: { key: randomKey("hex", 16) } })],
  ["a key of API Management under the name sharedKey", randomKey("hex", 16), "sharedKey"],
  ["a list of API Management keys", [randomKey("hex", 16)], "keys"],
  ["nested keys of API Management", { primary: { value: randomKey("hex", 16) } }, "sharedKey"],
  ["a list of API Management keys inside JSON", JSON.stringify({ keys: [randomKey("hex", 16)] })],
  ["a URL-encoded key", encodeURIComponent(randomKey("base64").replace(/^.{4}/, "a+/a"))],
  [
    "a key inside JSON in base64",
    Buffer.from(JSON.stringify({ key: randomKey("base64") })).toString("base64"),
  ],
  ["a key that is encoded in base64url twice", Buffer.from(randomKey("base64")).toString("base64url")],
  ["a client secret of Entra ID", `abc8Q~${"x_y.Z-1".repeat(5).slice(0, 34)}`],
  ["a connection string", "HostName=h;SharedAccessKey=x"],
  ["a file link", `https://a.blob.core.windows.net/c/b?sv=1&sig=${"a".repeat(43)}%3D`],
  ["a token", `Bearer eyJhbGciOiJIUzI1NiJ9.e30.${"a".repeat(43)}`],
  ["an age identity", "AGE-SECRET-KEY-1QQQ"],
];

const outputRefusals: Refusal[] = refusals(
  "stack-no-secret-in-outputs",
  Object.fromEntries(
    secretOutputs.map(([title, value, name = "value"]): [string, [string, Change]] => [
      title,
      ["terminal-fleet-dev", set("terminal-fleet-dev", name, value)],
    ]),
  ),
);

export const secretRefusals: Refusal[] = [...stateRefusals, ...outputRefusals];
