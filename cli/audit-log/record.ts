import { z } from "zod";
import { t } from "../words/translate.ts";

/** SHA-256 as 64 hexadecimal digits. */
export const sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: () => t`must be 64 hexadecimal digits` });

/** The account that made a change, from the claims of its token. */
export const actor = z.object({
  /** Object ID of a person or a service principal in Entra ID. */
  objectId: z.string(),
  /** Client ID of the application that requested the token: of a pipeline, or of the Azure CLI for a person. */
  appId: z.string().optional(),
  /** Sign-in name of a person. */
  name: z.string().optional(),
});

export type Actor = z.infer<typeof actor>;

const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The description of a change before it begins. It contains no secret. */
export const changeDescription = z.object({
  /** The command, for example "revoke". */
  command: z.string(),
  /** The customer of the terminals, if there is one. */
  customer: z.string().optional(),
  /** The customers of the terminals, if there are several. */
  customers: z.array(z.string()).optional(),
  /** The terminals; omitted when the records of the steps name them. */
  terminals: z.array(z.string()).optional(),
  /** The number of terminals, when `terminals` is omitted. */
  count: z.number().optional(),
  /** The operator's reason. */
  reason: z.string().optional(),
  /** Further properties of the command, for example the name of a file. */
  details: details.optional(),
});

export type ChangeDescription = z.infer<typeof changeDescription>;

/** A terminal for which a step failed. */
const terminalFailure = z.object({ terminal: z.string(), code: z.string().optional(), message: z.string() });

export type TerminalFailure = z.infer<typeof terminalFailure>;

/** How a change ended. */
export const changeResult = z.object({
  /** "waiting": nothing failed, and a later run continues the change. */
  outcome: z.enum(["done", "failed", "interrupted", "waiting"]),
  /** Why the change did not succeed. */
  message: z.string().optional(),
  /** The error code of the service. */
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
  /** ID of the record. Records with the same ID count once. */
  id: z.uuid(),
  /** ID of the change that the record belongs to. */
  change: z.uuid(),
  who: actor,
  /** The record was stored on the operator's computer first, since the audit log could not be written. */
  late: z.literal(true).optional(),
};

/** A record of a change: before it begins, before and after each of its steps, and after it has ended. */
export const changeRecord = z.discriminatedUnion("stage", [
  z.object({ stage: z.literal("begin"), ...ofChange, about: changeDescription }),
  z.object({ stage: z.literal("before"), ...ofChange, terminals: z.array(z.string()) }),
  z.object({
    stage: z.literal("after"),
    ...ofChange,
    terminals: z.array(z.string()),
    failed: z.array(terminalFailure).optional(),
  }),
  z.object({ stage: z.literal("end"), ...ofChange, about: changeDescription, result: changeResult }),
]);

export type ChangeRecord = z.infer<typeof changeRecord>;

/** The first line of a blob, and the last line of a blob that has a successor. */
export const blobRecord = z.discriminatedUnion("stage", [
  z.object({ stage: z.literal("opened"), ...common, blob: z.string() }),
  z.object({ stage: z.literal("closed"), ...common, next: z.string() }),
]);

export type BlobRecord = z.infer<typeof blobRecord>;

/** A record before it is linked to the hash chain. */
export type RecordContent = ChangeRecord | BlobRecord;

const recordContent = z.union([changeRecord, blobRecord]);

/** A line of the log: the content, the sequence number, and the SHA-256 of the line before it. */
export const auditRecord = z.intersection(
  z.object({ sequence: z.int().positive(), previous: sha256Hex }),
  recordContent,
);

export type AuditRecord = z.infer<typeof auditRecord>;

/** Most terminals in one record. It limits the length of a line. */
export const maxTerminalsPerRecord = 500;

const maxMessageLength = 200;

const secretPatterns = [
  // Keys of 64 and 32 bytes in base64.
  /[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=/g,
  // Tokens (JWT).
  /eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  // Signatures and connection strings.
  /\b(sig|AccountKey|SharedAccessKey|SharedAccessSignature)=[^\s&;"]+/gi,
  // age identities.
  /AGE-SECRET-KEY-1[A-Z0-9]+/gi,
  // Subscription keys of API Management.
  /\b[0-9a-f]{32}\b/g,
];

/** Prepares a text of people or services for a record: one line, at most 200 characters, likely secrets removed. */
export function redact(text: string): string {
  const redacted = secretPatterns.reduce((rest, pattern) => rest.replace(pattern, "[removed]"), text);
  const line = redacted.replace(/\s+/g, " ").trim();
  return line.length <= maxMessageLength ? line : `${line.slice(0, maxMessageLength - 1)}…`;
}
