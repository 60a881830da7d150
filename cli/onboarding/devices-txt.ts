import { z } from "zod";
import type { NewDevice } from "../azure/iot-hub/registry.ts";

/*
 * The files of an import job, with one JSON object a line. Source: Azure documentation, "Import and export IoT Hub device
 * identities in bulk".
 */

const deviceLine = z.object({
  id: z.string(),
  authentication: z.object({
    symmetricKey: z.object({ primaryKey: z.string(), secondaryKey: z.string() }),
  }),
  tags: z.record(z.string(), z.string()),
});

const errorLine = z.object({
  deviceId: z.string(),
  errorCode: z.union([z.string(), z.number()]),
  errorStatus: z.string().nullish(),
});

/** A device that an import job did not create. */
export interface ImportError {
  id: string;
  /** The IoT Hub's number or name of the error, for example 409001. */
  code: string;
}

/**
 * Formats `devices.txt`. It holds the device keys in plaintext.
 * @param importId Added to each device as the tag `importId`.
 */
export function formatDevices(devices: NewDevice[], importId: string): string {
  const lines = devices.map(({ id, keys, tags }) =>
    JSON.stringify({
      id,
      importMode: "create",
      status: "enabled",
      authentication: { type: "sas", symmetricKey: keys },
      tags: { ...tags, importId },
    }),
  );
  return `${lines.join("\n")}\n`;
}

/** Parses `devices.txt`, without the tag `importId`. Incomplete lines are skipped. */
export function parseDevices(text: string): NewDevice[] {
  return parseLines(text, deviceLine).map(({ id, authentication, tags: { importId: _, ...tags } }) => ({
    id,
    keys: authentication.symmetricKey,
    tags,
  }));
}

/** Parses `importErrors.log`. */
export function parseErrors(text: string): ImportError[] {
  return parseLines(text, errorLine).map(({ deviceId, errorCode }) => ({
    id: deviceId,
    code: String(errorCode),
  }));
}

function parseLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text.split("\n").flatMap((line) => {
    const parsed = schema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
