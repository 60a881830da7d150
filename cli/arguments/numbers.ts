import { InvalidArgumentError } from "commander";

/** What a number on the command line may be. */
export interface Bounds {
  /** Default 0. */
  least?: number;
  most: number;
  /** How the smallest one is written, where it is no round number. */
  leastInWords?: string;
  /** Only whole ones; default false. */
  whole?: boolean;
}

/**
 * Reads a number as people write it, with a decimal point where there is one; for commander's options.
 * @returns What throws commander's InvalidArgumentError for anything else, and for a number that may not be.
 */
export function number({ least = 0, most, leastInWords, whole = false }: Bounds): (text: string) => number {
  return (text) => {
    const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(
      `It must be a ${whole ? "whole number" : "number"} from ${leastInWords ?? least} to ${most}.`,
    );
  };
}

const hundredYears = 36_500;

/** Seconds that a command waits or works, up to 20 days: a timer of Node holds no more than 24.8. */
export const seconds = number({ most: 20 * 86_400 });
/** Hours, up to a hundred years. */
export const hours = number({ most: hundredYears * 24 });
/** Days, up to a hundred years. */
export const days = number({ most: hundredYears });
