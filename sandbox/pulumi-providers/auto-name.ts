import { createHash, randomBytes } from "node:crypto";

/**
 * The physical name that azure-native gives a resource without a name in the program: "random" is the logical name and
 * eight hexadecimal digits, "copy" is the logical name, "uuid" is a GUID. azure-native does not shorten names, so a name
 * that becomes too long is refused.
 * @param seed The same seed creates the same name. Without a seed (empty) the name is random.
 */
export function autoName(kind: "random" | "copy" | "uuid", name: string, seed: Uint8Array): string {
  if (kind === "copy") return name;
  const hex =
    seed.length > 0
      ? createHash("sha256").update(seed).update(name).digest("hex")
      : randomBytes(16).toString("hex");
  if (kind === "random") return `${name}${hex.slice(0, 8)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
