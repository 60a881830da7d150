import { maxLinkDays } from "../file-exchange/link-validity.ts";
import { t } from "../words/translate.ts";
import { parseNumber } from "./numbers.ts";

/** Option `--days`: how long a file link is valid. A link of less than an hour could expire before it arrives. */
export const validityOption = () =>
  [
    "--days <number>",
    t`how long the file link is valid, counted from 15 minutes before it is created, because clocks differ; 1/24 to ${maxLinkDays}`,
    parseNumber({ min: 1 / 24, minLabel: () => t`1/24 (an hour)`, max: maxLinkDays }),
    maxLinkDays,
  ] as const;
