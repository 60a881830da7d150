import { z } from "zod";

/*
 * The list of every destination that a terminal connects to. The customer's sheet, the firewall rules and the doctor are
 * made from this list and from nothing else. The descriptions are those of docs/reference/endpoints.schema.json.
 */

/** A text for people in both languages. */
const bilingual = z
  .strictObject({ en: z.string().min(1), no: z.string().min(1) })
  .describe("A text for people, in English and in Norwegian (bokmål).");
export type Bilingual = z.infer<typeof bilingual>;

const rootCertificate = z
  .strictObject({
    name: z.string().min(1).describe("Common name of the certificate."),
    thumbprint: z
      .string()
      .regex(/^[0-9A-F]{40}$/)
      .describe("SHA-1 of the certificate in upper-case hexadecimal, as Windows shows it."),
    sha256: z
      .string()
      .regex(/^[0-9A-F]{64}$/)
      .describe("SHA-256 of the certificate in upper-case hexadecimal."),
  })
  .describe("A root certificate that a chain may end in.");
export type RootCertificate = z.infer<typeof rootCertificate>;

const port = z.strictObject({
  protocol: z.enum(["tcp", "udp"]),
  number: z.int().min(1).max(65_535),
});
export type Port = z.infer<typeof port>;

const destination = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    .describe('Stable name of the row, for example "iot-hub". Results of the doctor refer to it.'),
  service: z.enum(["iot-hub", "blob-storage", "flow-api", "certificate-status", "dns", "time", "teamviewer"]),
  host: z
    .string()
    .max(253)
    .regex(/^(\*\.)?[a-zA-Z0-9_*-]+(\.[a-zA-Z0-9_*-]+)*$/)
    .nullable()
    .describe(
      'Host name. "*." at the beginning means any host below the domain, "*" in a label any text. Null where the site\'s own network decides, as for DNS.',
    ),
  ports: z
    .array(port)
    .min(1)
    .describe("Ports in the order in which a terminal tries them. One that is reached is enough."),
  transport: z.enum(["websocket", "https", "http", "dns", "ntp", "teamviewer"]),
  probePath: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/)
    .nullable()
    .describe(
      "Path and query that the doctor calls. The service's own answer to it, also 400, 401, 403 or 404, is a success. Of a host of certificates, only the file itself is.",
    ),
  availability: z
    .enum(["now", "soon"])
    .describe('"soon": terminals do not use it yet, but the rule should exist before they do.'),
  requirement: z.enum(["required", "optional"]),
  direction: z.literal("outbound").describe("Every connection begins at the terminal."),
  region: z
    .string()
    .min(1)
    .nullable()
    .describe('Azure region, for example "westeurope". Null outside Azure.'),
  purpose: bilingual,
  protection: bilingual.nullable().describe("Key that protects the connection. Null: none is needed."),
  revocation: bilingual.nullable().describe("How that key is revoked, and how soon this takes effect."),
  personalData: bilingual.nullable().describe("Personal data that passes. Null: none."),
  dataLocation: bilingual.nullable().describe("Where data is stored, and for how long. Null: nowhere."),
  tlsInspection: z
    .enum(["possible", "never", "not-applicable"])
    .describe("Whether a proxy may decrypt the connection."),
  tlsInspectionReason: bilingual,
  minimumTls: z.enum(["1.2", "1.3"]).nullable().describe("Lowest TLS version. Null without TLS."),
  roots: z
    .array(rootCertificate)
    .describe("Roots that the service's chain ends in. Empty where the connection has no TLS of ours."),
  source: z.url().describe("Page that the row's facts come from."),
  since: z.iso.date().describe("First day on this list."),
});
export type Destination = z.infer<typeof destination>;

const support = z
  .strictObject({
    name: z.string().min(1),
    email: z.email().optional(),
    phone: z.string().min(1).optional(),
    hours: z.string().min(1).optional().describe("Hours of working days in Norway, for example 08:00-16:00."),
  })
  .describe("Who answers the customer's IT people: the stack's setting supportContact.");

/** `endpoints.json`. Version 1; a reader refuses a version that it does not know. */
export const endpointList = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    environment: z.string().min(1).max(60).describe("Environment of the deployed stack."),
    customer: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .describe("Customer ID of the customer whom the list is made for. Absent in the list of the stack."),
    createdAt: z.iso.datetime().describe("When the list was made."),
    support: support.optional(),
    destinations: z.array(destination).min(1),
  })
  .describe("Every destination that a terminal connects to. `npx terminals endpoints` writes it.");
export type EndpointList = z.infer<typeof endpointList>;
