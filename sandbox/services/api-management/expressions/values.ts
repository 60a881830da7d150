/** System.Guid, in lower case with hyphens. */
export class Guid {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** System.Text.Encoding: the supported encodings. */
export type EncodingName = "utf8" | "ascii";

/** Double.ToString() of the invariant culture: fifteen digits, as in .NET Framework. */
export function doubleText(value: number): string {
  return general(Number(value.toPrecision(15)), 15);
}

/** Double.ToString("R"): the shortest text that parses to the same number. */
export function roundTripText(value: number): string {
  return general(value, Number(value.toPrecision(15)) === value ? 15 : 17);
}

/** @param precision The power of ten from which the number is written with an exponent. */
function general(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [digits, power] = value.toExponential().split("e") as [string, string];
  if (Number(power) > -5 && Number(power) < precision) return String(value);
  return `${digits}E${power[0]}${power.slice(1).padStart(2, "0")}`;
}
