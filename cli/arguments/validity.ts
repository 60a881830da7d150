import { parseNumber } from "./numbers.ts";

/** The same as `longestDays` in file-exchange/file-link.ts, which imports the storage SDK: too slow for `--help`. */
const maxDays = 30;

/** Option `--days`: how long a file link is valid. A link of less than an hour could expire before it arrives. */
export const validityOption = [
  "--days <number>",
  "how long the file link is valid, counted from 15 minutes before it is created, because clocks differ; 1/24 to 30",
  parseNumber({ min: 1 / 24, minLabel: "1/24 (an hour)", max: maxDays }),
  maxDays,
] as const;
