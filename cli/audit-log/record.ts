import { z } from "zod";

/** SHA-256 as 64 hexadecimal digits. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");

/** Who made a change, by the claims of the token that they signed in with. */
export const actor = z.object({
  /** Object ID in Entra ID, of a person or a service principal. */
  objectId: z.string(),
  /** Client ID of the application that asked for the token: a pipeline's own, or for a person the Azure CLI's. */
  appId: z.string().optional(),
  /** A person's sign-in name. */
  name: z.string().optional(),
});

export type Actor = z.infer<typeof actor>;

const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What is known of a change before it begins. None of it is secret. */
export const changeDescription = z.object({
  /** The command, for example "revoke". */
  command: z.string(),
  /** Whose terminals it is about, when they are of one customer. */
  customer: z.string().optional(),
  /** The same when they are of several. */
  customers: z.array(z.string()).optional(),
  /** The terminals that it is about; left out when their steps name them. */
  terminals: z.array(z.string()).optional(),
  /** How many terminals it is about, when they are not named here. */
  count: z.number().optional(),
  /** Why, in the operator's own words. */
  reason: z.string().optional(),
  /** Whatever else tells what is to be done, for example a file's name. */
  details: details.optional(),
});

export type ChangeDescription = z.infer<typeof changeDescription>;

/** A terminal for which it did not work. */
const failure = z.object({ terminal: z.string(), code: z.string().optional(), message: z.string() });

export type TerminalFailure = z.infer<typeof failure>;

/** How a change ended. */
export const changeResult = z.object({
  /** "waiting": nothing failed, and a later run goes on with it. */
  outcome: z.enum(["done", "failed", "interrupted", "waiting"]),
  /** Why it did not end well, in words. */
  message: z.string().optional(),
  /** The service's code for it. */
  code: z.string().optional(),
  details: details.optional(),
});

export type ChangeResult = z.infer<typeof changeResult>;

const common = {
  /** ISO 8601, by the storage account's clock. */
  at: z.iso.datetime(),
};

const ofChange = {
  ...common,
  /** The record's own id: one that was written twice is one. */
  id: z.uuid(),
  /** The change it belongs to. */
  change: z.uuid(),
  who: actor,
  /** Written down on the operator's computer first, because the audit log could not be written at the time. */
  late: z.literal(true).optional(),
};

/** A record of a change: before it begins, before and after each of its steps, and after it. */
export const changeRecord = z.discriminatedUnion("stage", [
  z.object({ stage: z.literal("begin"), ...ofChange, about: changeDescription }),
  z.object({ stage: z.literal("before"), ...ofChange, terminals: z.array(z.string()) }),
  z.object({
    stage: z.literal("after"),
    ...ofChange,
    terminals: z.array(z.string()),
    failed: z.array(failure).optional(),
  }),
  z.object({ stage: z.literal("end"), ...ofChange, about: changeDescription, result: changeResult }),
]);

export type ChangeRecord = z.infer<typeof changeRecord>;

/** The first line of a blob, and the last one of a blob that another follows. */
export const blobRecord = z.discriminatedUnion("stage", [
  z.object({ stage: z.literal("opened"), ...common, blob: z.string() }),
  z.object({ stage: z.literal("closed"), ...common, next: z.string() }),
]);

export type BlobRecord = z.infer<typeof blobRecord>;

/** What a line of the log says. */
export type RecordContent = ChangeRecord | BlobRecord;

const content = z.union([changeRecord, blobRecord]);

/** A line of the log: what it says, its number, and the SHA-256 of the line before it. */
export const auditRecord = z.intersection(
  z.object({ sequence: z.int().positive(), previous: sha256Hex }),
  content,
);

export type AuditRecord = z.infer<typeof auditRecord>;

/** Terminals that one record names at most, so that a line stays short. */
export const maxTerminalsPerRecord = 500;

const longestMessage = 200;

const secretShapes = [
  // Keys of 32 and 64 bytes in base64, tokens, signatures and age identities.
  /[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=/g,
  /eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\b(sig|AccountKey|SharedAccessKey|SharedAccessSignature)=[^\s&;"]+/gi,
  /AGE-SECRET-KEY-1[A-Z0-9]+/gi,
  /\b[0-9a-f]{32}\b/g,
];

/** A text that people or services wrote, as a record may hold it: short, and without what looks like a secret. */
export function redact(text: string): string {
  const without = secretShapes.reduce((left, shape) => left.replace(shape, "[removed]"), text);
  const line = without.replace(/\s+/g, " ").trim();
  return line.length <= longestMessage ? line : `${line.slice(0, longestMessage - 1)}…`;
}
