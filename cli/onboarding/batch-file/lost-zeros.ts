import { quoteName } from "../../lib/names.ts";
import { count, plural, t } from "../../words/translate.ts";
import { excelAdvice } from "./field-values.ts";

/** Terminal IDs of digits alone, of one length. */
interface Group {
  terminals: number;
  line: number;
  id: string;
  /** Number of them that are numbers in a workbook. */
  numbers: number;
}

/**
 * Finds terminal IDs of digits that have lost zeros at their start. Excel removes these zeros from a number, also when it
 * opens and saves a CSV file. The shorter IDs among longer ones show it.
 */
export class LostZeros {
  private readonly groups = new Map<number, Group>();
  private hasZeroFirst = false;

  /** @param isNumber Whether the ID is a number in a workbook. */
  add(id: string, line: number, isNumber: boolean): void {
    if (!/^\d+$/.test(id)) return;
    if (id.startsWith("0")) this.hasZeroFirst = true;
    const group = this.groups.get(id.length) ?? { terminals: 0, line, id, numbers: 0 };
    group.terminals++;
    if (isNumber) group.numbers++;
    this.groups.set(id.length, group);
  }

  /**
   * IDs that are shorter than others, where the zeros are known to be missing: the others have zeros at their start, or
   * the workbook has these IDs as numbers.
   */
  problems(): { line: number; reason: string }[] {
    const longest = Math.max(...this.groups.keys());
    return this.shorter()
      .filter(([, { numbers }]) => this.hasZeroFirst || numbers > 0)
      .map(([digits, { line, id, terminals }]) => {
        const others = terminals > 1 ? t` (and ${terminals - 1} more)` : "";
        return {
          line,
          reason: t`terminal ${quoteName(id)}${others} has ${count(digits, "digit")} and others have ${longest}: zeros at its start may be missing. ${excelAdvice()}`,
        };
      });
  }

  /** What to check before the onboarding, where nothing shows whether zeros are missing; undefined when nothing is. */
  doubt(): string | undefined {
    const numbers = [...this.groups.values()].reduce((sum, group) => sum + group.numbers, 0);
    if (numbers > 0) {
      return plural(numbers, {
        one: t`One terminal ID is a number in the workbook, and a number has no zeros at its start. If zeros are missing: format the column as Text and ask for the list again.`,
        other: t`${numbers} terminal IDs are numbers in the workbook, and a number has no zeros at its start. If zeros are missing: format the column as Text and ask for the list again.`,
      });
    }
    const [first] = this.shorter();
    if (!first) return undefined;
    const [digits, { id, line }] = first;
    return t`The terminal IDs have ${digits} to ${Math.max(...this.groups.keys())} digits (${id} on line ${line}). If zeros at the start are missing: format the column as Text and ask for the list again.`;
  }

  /** Groups with fewer digits than the longest, the shortest first. */
  private shorter(): [number, Group][] {
    const longest = Math.max(...this.groups.keys());
    return [...this.groups].filter(([digits]) => digits < longest).sort(([a], [b]) => a - b);
  }
}
