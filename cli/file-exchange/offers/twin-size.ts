/** Largest size of a twin's desired properties. Source: "IoT Hub quotas and throttling", device twins. */
export const maxDesiredBytes = 32 * 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: IoT Hub does not count control characters.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Counts the bytes of a value as IoT Hub does for the size of a twin: keys and strings in UTF-8 without control
 * characters, 8 for a number, 4 for a boolean, and nothing for $metadata and $version. Source: "Understand and use
 * device twins in IoT Hub", device twin size.
 */
export function countTwinBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value.replace(controlCharacters, ""));
  if (typeof value === "number") return 8;
  if (typeof value === "boolean") return 4;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countTwinBytes(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value)
    .filter(([key]) => !key.startsWith("$"))
    .reduce((sum, [key, item]) => sum + countTwinBytes(key) + countTwinBytes(item), 0);
}
