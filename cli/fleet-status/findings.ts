import { quoteName } from "../lib/names.ts";
import type { StoredImport } from "../onboarding/stored-imports.ts";
import type { SimilarSites } from "./similar-sites.ts";

/** What needs attention and belongs to no single terminal. */
export interface Findings {
  /** Site names that look alike. */
  similarSites: SimilarSites[];
  /** The imports whose device keys are in the imports account. */
  imports: StoredImport[];
}

/** Describes site names that look alike, with escapes where they differ, and the remedy. */
export function formatSimilarSites({ customer, same, sites }: SimilarSites): string {
  const names = sites.map(
    ({ site, terminals }) =>
      `${quoteName(site, { hasLookalike: true })} (${terminals} ${terminals === 1 ? "terminal" : "terminals"})`,
  );
  const effect = same
    ? "they count as one site: correct the device tags to one spelling"
    : "they are different sites: if they are one, correct the batch file or the device tags";
  return `${customer || "no customer"}: ${names.join(" and ")} look alike; ${effect}`;
}

const maxImports = 10;

/** Describes the imports whose device keys are in the imports account, with the remedy; empty without imports. */
export function formatImports(imports: readonly StoredImport[]): string[] {
  const interrupted = imports.filter(({ inUse }) => !inUse);
  const inUse = imports.length - interrupted.length;
  const named = interrupted
    .slice(0, maxImports)
    .map(
      ({ customer = "unknown", since }) =>
        `  customer ${customer}, since ${since.slice(0, 16).replace("T", " ")} UTC`,
    );
  const more = interrupted.length - named.length;
  const what =
    interrupted.length === 1 ? "1 interrupted import" : `${interrupted.length} interrupted imports`;
  return [
    ...(interrupted.length > 0
      ? [`${what} left device keys in plaintext: onboard the batch again, or run \`terminals clean-up\``]
      : []),
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(inUse > 0 ? [`${inUse === 1 ? "1 import is" : `${inUse} imports are`} in progress`] : []),
  ];
}
