import { z } from "zod";
import { customerId, terminalId } from "../lib/ids.ts";

const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be base64 of 32 bytes");

/** What a terminal is handed so that it can work. It is all secret: it exists in memory and sealed, nowhere else. */
export const credentialBundle = z.object({
  version: z.literal(1),
  terminalId,
  customer: customerId,
  site: z.string(),
  hub: z.object({
    /** For example example-hub.azure-devices.net. */
    hostName: z.string(),
    deviceId: terminalId,
    /** Signs the terminal's tokens for the IoT Hub. */
    primaryKey: key,
  }),
  flow: z.object({
    /** Where the terminal looks things up, for example https://example.azure-api.net/flow. */
    url: z.string(),
    /** The customer's key, sent as Ocp-Apim-Subscription-Key. */
    sharedKey: z.string().min(1),
    /** The terminal's own key, sent as X-Terminal-Key beside X-Terminal-Id. */
    terminalKey: key,
  }),
  /** ISO 8601. */
  createdAt: z.iso.datetime(),
});

export type CredentialBundle = z.infer<typeof credentialBundle>;
