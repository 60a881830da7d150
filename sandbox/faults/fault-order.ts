import { z } from "zod";

/** The hosts of each service for which faults can be ordered. */
export const faultServices = {
  "iot-hub": "*.azure-devices.net",
  blob: "*.blob.core.windows.net",
  table: "*.table.core.windows.net",
  "api-management": "*.azure-api.net",
  "resource-manager": "management.azure.com",
  "entra-id": "login.microsoftonline.com",
  "log-analytics": "api.loganalytics.azure.com",
} as const;

export type FaultService = keyof typeof faultServices;

/** Longest life of a fault in seconds: a day. */
const maxSeconds = 86_400;
const defaultSeconds = 3600;

export const faultOrderSchema = z
  .strictObject({
    status: z
      .number()
      .int()
      .min(400)
      .max(599)
      .optional()
      .describe("The service answers with this HTTP status, and does not do what was asked."),
    drop: z
      .enum(["before", "after"])
      .optional()
      .describe("The connection closes before or after the service does what was asked."),
    delayMs: z
      .number()
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .describe("The answer comes later by this many milliseconds, also that of status and drop."),
    retryAfterSeconds: z.number().int().min(0).optional().describe("Retry-After of the answer with status."),
    service: z
      .enum(Object.keys(faultServices) as [FaultService, ...FaultService[]])
      .optional()
      .describe("Default: every service."),
    host: z.string().min(1).optional().describe("One host, or a pattern with *; in place of service."),
    operation: z
      .string()
      .min(1)
      .optional()
      .describe(
        'HTTP method and path, for example "PUT /devices/*", or one of them; * is any text. For MQTT, "PUBLISH TOPIC" and "DELIVER TOPIC". Default: every operation.',
      ),
    rate: z.number().gt(0).max(1).default(1).describe("Share of the requests that have the fault."),
    seed: z
      .number()
      .int()
      .min(0)
      .default(1)
      .describe("Decides which requests `rate` picks. The same seed picks the same ones."),
    skip: z.number().int().min(0).default(0).describe("Number of requests to leave alone at first."),
    count: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe("Number of requests that have the fault; default: no limit."),
    forSeconds: z
      .number()
      .min(1)
      .max(maxSeconds)
      .default(defaultSeconds)
      .describe(
        "Seconds of this computer's clock until the fault ends by itself; default an hour, at most a day.",
      ),
  })
  .refine(
    ({ status, drop, delayMs }) => status !== undefined || drop !== undefined || delayMs !== undefined,
    {
      message: "Set status, drop or delayMs: without them the fault would do nothing.",
    },
  )
  .refine(({ status, drop }) => status === undefined || drop === undefined, {
    message: "Set status or drop, not both.",
  })
  .refine(({ status, retryAfterSeconds }) => retryAfterSeconds === undefined || status !== undefined, {
    message: "retryAfterSeconds needs status.",
  })
  .refine(({ service, host }) => service === undefined || host === undefined, {
    message: "Set service or host, not both.",
  });

/** A fault that the sandbox injects. */
export type FaultOrder = z.input<typeof faultOrderSchema>;

/** An order with its defaults filled in. */
export type CompleteFaultOrder = z.output<typeof faultOrderSchema>;

/** A fault in effect. */
export interface FaultState {
  /** Number for `fault clear`. */
  id: number;
  order: CompleteFaultOrder;
  /** Number of requests that had the fault. */
  applied: number;
  /** ISO 8601, by this computer's clock. */
  endsAt: string;
}
