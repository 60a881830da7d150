import { gzipSync } from "node:zlib";
import type { EngineResource } from "../pack.ts";
import { type Mutation, mutate } from "./mutation.ts";

/** A key of 32 bytes as Azure issues them. Not a real one. */
const key = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 73 + 41) % 256)).toString("base64");
const connectionString = `HostName=iot-x.azure-devices.net;SharedAccessKeyName=owner;SharedAccessKey=${key}`;

const hexOf = (text: string) => Buffer.from(text).toString("hex");
const base64Of = (text: string | Buffer) => Buffer.from(text as string).toString("base64");
const percentOf = (text: string) => hexOf(text).replace(/../g, "%$&");
const halves = (text: string) => [text.slice(0, 22), text.slice(22)];

/** Forms in which a secret leaves the stack. */
export const secretForms: Record<string, unknown> = {
  "a key": key,
  "a key in base64url": key.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
  "a key in hexadecimal digits": Buffer.from(key, "base64").toString("hex"),
  "the text of a key in hexadecimal digits": hexOf(key),
  "hexadecimal digits with colons": Buffer.from(key, "base64")
    .toString("hex")
    .replace(/..(?=.)/g, "$&:"),
  "a key in base64 twice": base64Of(key),
  "a key in base64 three times": base64Of(base64Of(key)),
  "a key in percent encoding": percentOf(key),
  "a key in percent encoding twice": percentOf(percentOf(key)),
  "a key split in a list": halves(key),
  "a key split in a map": { first: halves(key)[0], second: halves(key)[1] },
  "a key split by blanks": halves(key).join(" "),
  "a key split in lines": key.replace(/.{11}/g, "$&\n"),
  "a key with a dash after every letter": key.split("").join("-"),
  "a reversed key": key.split("").reverse().join(""),
  "a reversed connection string": connectionString.split("").reverse().join(""),
  "a key in JSON": JSON.stringify({ value: key }),
  "a key in JSON in base64": base64Of(JSON.stringify({ value: key })),
  "a connection string": connectionString,
  "a connection string in base64": base64Of(connectionString),
  "a connection string in hexadecimal digits": hexOf(connectionString),
  "a key compressed and in base64": gzipSync(key).toString("base64"),
  "a connection string compressed and in base64": gzipSync(connectionString).toString("base64"),
  "a key as numbers of bytes": [...Buffer.from(key, "base64")],
  "a key as numbers of bytes in text": [...Buffer.from(key, "base64")].join(","),
  "a key in escapes of JSON": [...key]
    .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join(""),
  "a key in references of XML": [...key].map((letter) => `&#${letter.charCodeAt(0)};`).join(""),
  "a key in base32": base32Of(Buffer.from(key, "base64")),
  "a SAS": `https://stfilesdevabc123.blob.core.windows.net/a?sv=2024-08-04&sig=${encodeURIComponent(key)}`,
  "a SAS with encoded names": `https://x.example/?${percentOf("sig")}=${encodeURIComponent(key)}`,
};

function base32Of(bytes: Buffer): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => letters[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

/** Each output removed or swapped, and secrets in outputs and in tags. */
export function mutateOutputs(fleet: EngineResource[]): Mutation[] {
  const stack = fleet.find(({ type }) => type === "pulumi:pulumi:Stack")!;
  const tagged = fleet.filter(({ properties }) => properties.tags !== undefined).slice(0, 1);
  const forms = Object.entries(secretForms);
  return [
    ...Object.keys(stack.properties).flatMap((name) => changedOutput(stack, name)),
    ...forms.map(([form, value]) =>
      mutate(stack, { kind: "output", path: "added", becomes: `is ${form}` }, (copy) => {
        copy.properties.added = value;
      }),
    ),
    ...tagged.flatMap((resource) =>
      forms
        .filter(([, value]) => typeof value === "string")
        .map(([form, value]) =>
          mutate(resource, { kind: "output", path: "tags.added", becomes: `is ${form}` }, (copy) => {
            (copy.properties.tags as Record<string, unknown>).added = value;
          }),
        ),
    ),
  ];
}

function changedOutput(stack: EngineResource, name: string): Mutation[] {
  const value = String(stack.properties[name]);
  const others = [
    ...(/^https:|\.net$/.test(value)
      ? [
          value.replace(/(https:\/\/)?([^/]+)/, "$1outside.example.net"),
          value.replace(/(https:\/\/)?([^./]+)/, "$1other"),
        ]
      : []),
    ...(value.startsWith("/subscriptions/") ? [value.replace(/[^/]+$/, "other")] : []),
  ];
  return others.map((other) =>
    mutate(stack, { kind: "output", path: name, becomes: `to ${JSON.stringify(other)}` }, (copy) => {
      copy.properties[name] = other;
    }),
  );
}
