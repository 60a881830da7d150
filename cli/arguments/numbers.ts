import { InvalidArgumentError } from "@commander-js/extra-typings";
import { t } from "../words/translate.ts";

/** Range of a number on the command line, with both ends included. */
export interface NumberRange {
  /** Default 0. */
  min?: number;
  max: number;
  /** The minimum as messages show it, where it is not a round number: "1/24 (an hour)". */
  minLabel?: () => string;
  /** Accepts whole numbers only. Default false. */
  whole?: boolean;
}

/**
 * Returns a parser for an option with a number, written in decimal and with a decimal point: "30", "0.5".
 * The parser throws commander's InvalidArgumentError for other texts, and for numbers out of range.
 */
export function parseNumber({
  min = 0,
  max,
  minLabel,
  whole = false,
}: NumberRange): (text: string) => number {
  return (text) => {
    const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    const from = minLabel?.() ?? min;
    throw new InvalidArgumentError(
      whole
        ? t`It must be a whole number from ${from} to ${max}.`
        : t`It must be a number from ${from} to ${max}.`,
    );
  };
}

const maxDays = 36_500;

/** Parses seconds, up to 20 days: Node's timers are limited to 24.8 days. */
export const parseSeconds = parseNumber({ max: 20 * 86_400 });
/** Parses hours, up to 100 years. */
export const parseHours = parseNumber({ max: maxDays * 24 });
/** Parses days, up to 100 years. */
export const parseDays = parseNumber({ max: maxDays });
