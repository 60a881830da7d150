import { z } from "zod";
import { flowApiUrl, hubHostName } from "../azure/azure-hosts.ts";
import { customerId, terminalId } from "../lib/ids.ts";

const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be base64 of 32 bytes");

/** Everything secret that a terminal needs to start working. It exists in memory and sealed, and in no other form. */
export const credentialBundle = z.object({
  version: z.literal(1),
  terminalId,
  customer: customerId,
  site: z.string(),
  hub: z.object({
    /** For example example-hub.azure-devices.net. */
    hostName: hubHostName,
    deviceId: terminalId,
    /** Signs the terminal's tokens for the IoT Hub. */
    primaryKey: key,
  }),
  flow: z.object({
    /** URL of the Flow API, for example https://example.azure-api.net/flow. */
    url: flowApiUrl,
    /** The customer's subscription key, sent in the header Ocp-Apim-Subscription-Key. */
    sharedKey: z.string().min(1),
    /** The terminal's Flow key, sent in the header X-Terminal-Key beside X-Terminal-Id. */
    terminalKey: key,
  }),
  /** ISO 8601. A terminal accepts only a newer bundle than its own. */
  createdAt: z.iso.datetime(),
});

export type CredentialBundle = z.infer<typeof credentialBundle>;
