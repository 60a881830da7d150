import { quoteName } from "../lib/names.ts";
import type { StoredImport } from "../onboarding/stored-imports.ts";
import { andMore, formatTime } from "../terminal-ui/format.ts";
import { count, joinAnd, plural, t } from "../words/translate.ts";
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
  const names = joinAnd(
    sites.map(
      ({ site, terminals }) => `${quoteName(site, { hasLookalike: true })} (${count(terminals, "terminal")})`,
    ),
  );
  const owner = customer || t`no customer`;
  return same
    ? t`${owner}: ${names} look alike; they count as one site: correct the device tags to one spelling`
    : t`${owner}: ${names} look alike; they are different sites: if they are one, correct the batch file or the device tags`;
}

const maxImports = 10;

/** Describes the imports whose device keys are in the imports account, with the remedy; empty without imports. */
export function formatImports(imports: readonly StoredImport[]): string[] {
  const interrupted = imports.filter(({ inUse }) => !inUse);
  const inUse = imports.length - interrupted.length;
  const named = interrupted
    .slice(0, maxImports)
    .map(({ customer = t`unknown`, since }) => `  ${t`customer ${customer}, since ${formatTime(since)}`}`);
  const more = interrupted.length - named.length;
  return [
    ...(interrupted.length > 0
      ? [
          t`${count(interrupted.length, "interrupted import")} left device keys in plaintext: onboard the batch again, or run \`npx terminals clean-up\``,
        ]
      : []),
    ...named,
    ...(more > 0 ? [`  ${andMore(more)}`] : []),
    ...(inUse > 0
      ? [
          plural(inUse, {
            one: t`${count(inUse, "import")} is in progress`,
            other: t`${count(inUse, "import")} are in progress`,
          }),
        ]
      : []),
  ];
}
