import { z } from "zod";

/*
 * The list of every destination that a terminal connects to. The customer's sheet, the firewall rules and the doctor are
 * made from this list and from nothing else.
 */

/** A text for people in both languages. */
const bilingual = z.strictObject({ en: z.string().min(1), no: z.string().min(1) });
export type Bilingual = z.infer<typeof bilingual>;

const isoDate = z.iso.date();

/** A root certificate that a chain may end in. */
const rootCertificate = z.strictObject({
  name: z.string().min(1),
  /** SHA-1 of the certificate in upper-case hexadecimal, as Windows shows it. */
  thumbprint: z.string().regex(/^[0-9A-F]{40}$/),
  /** SHA-256 of the certificate in upper-case hexadecimal. */
  sha256: z.string().regex(/^[0-9A-F]{64}$/),
});

/** One way in: a port with its protocol. */
const port = z.strictObject({
  protocol: z.enum(["tcp", "udp"]),
  number: z.int().min(1).max(65_535),
});

const destination = z.strictObject({
  /** Stable name of the row, for example "iot-hub". Results of the doctor refer to it. */
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/),
  service: z.enum(["iot-hub", "blob-storage", "flow-api", "certificate-status", "dns", "time", "teamviewer"]),
  /**
   * Host name. "*." at the beginning stands for any host below the domain, "*" in a label for any text. Null where the
   * site's own network decides, as for DNS.
   */
  host: z.string().min(1).nullable(),
  /** Ports in the order in which a terminal tries them. One that is reached is enough. */
  ports: z.array(port).min(1),
  transport: z.enum(["websocket", "https", "http", "dns", "ntp", "teamviewer"]),
  /** Path and query that the doctor calls; the service's own answer to it, also 401 or 403, is a success. */
  probePath: z.string().startsWith("/").nullable(),
  /** "soon": terminals do not use it yet, but the rule should be there before they do. */
  availability: z.enum(["now", "soon"]),
  requirement: z.enum(["required", "optional"]),
  /** Every connection begins at the terminal. */
  direction: z.literal("outbound"),
  /** Azure region, for example "westeurope"; null outside Azure. */
  region: z.string().min(1).nullable(),
  purpose: bilingual,
  /** Which key protects the connection; null where none does, and none has to. */
  protection: bilingual.nullable(),
  /** How that key is revoked, and how soon this takes effect. */
  revocation: bilingual.nullable(),
  /** Which personal data passes; null for none. */
  personalData: bilingual.nullable(),
  /** Where this data is stored, and for how long; null for none. */
  dataLocation: bilingual.nullable(),
  /** Whether a proxy may decrypt the connection. */
  tlsInspection: z.enum(["possible", "never", "not-applicable"]),
  tlsInspectionReason: bilingual,
  /** Lowest TLS version; null where the connection has no TLS. */
  minimumTls: z.enum(["1.2", "1.3"]).nullable(),
  /** Roots that the service's chain ends in; empty where the connection has no TLS. */
  roots: z.array(rootCertificate),
  /** Page that the row's facts come from. */
  source: z.url(),
  /** First day on this list. */
  since: isoDate,
});
export type Destination = z.infer<typeof destination>;

/** `endpoints.json`. Version 1; a reader refuses a version that it does not know. */
export const endpointList = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  environment: z.string().min(1),
  /** The customer whom the list is made for; absent in the list of the stack. */
  customer: z.string().min(1).optional(),
  /** When the list was made. */
  createdAt: z.iso.datetime(),
  destinations: z.array(destination).min(1),
});
export type EndpointList = z.infer<typeof endpointList>;
