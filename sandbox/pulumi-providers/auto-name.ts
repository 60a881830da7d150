import { createHash, randomBytes } from "node:crypto";

/**
 * A name for a resource whose program gives none, as azure-native makes it: "random" is the logical name and
 * eight hexadecimal digits, "copy" the logical name, "uuid" a GUID. No length is respected, as there: a name that
 * becomes too long is refused like one that was written.
 * @param seed Makes the name repeatable; empty for one that is not.
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
