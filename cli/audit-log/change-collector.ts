import type { Actor, ChangeDescription, ChangeRecord, ChangeResult } from "./record.ts";

/** A change, put together from its records. */
export interface ChangeSummary {
  change: string;
  who: Actor;
  about: ChangeDescription;
  began?: string;
  ended?: string;
  /** Undefined without a recorded end: the change is in progress or was interrupted. */
  result?: ChangeResult;
  /** Number of terminals for which its steps succeeded, and for which they failed. */
  done: number;
  failed: number;
  /** Terminals of steps without a recorded outcome. */
  open: string[];
}

/** Which changes are selected. */
export interface ChangeFilter {
  customer?: string;
  terminal?: string;
  since?: Date;
}

interface OpenChange extends ChangeSummary {
  /** A record matched the filter. */
  isSelected: boolean;
  /** Records before the first match. */
  withheld: ChangeRecord[];
}

/**
 * Collects the records of each change and selects changes by a filter. Memory grows with the number of changes in
 * progress only.
 */
export class ChangeCollector {
  private readonly filter: ChangeFilter;
  private readonly openChanges = new Map<string, OpenChange>();

  constructor(filter: ChangeFilter) {
    this.filter = filter;
  }

  /**
   * Adds the next record.
   * @returns The selected records up to this one, and the change if it ends with this record.
   */
  add(record: ChangeRecord): { records: ChangeRecord[]; ended?: ChangeSummary } {
    const { since } = this.filter;
    if (since && Date.parse(record.at) < since.getTime()) return { records: [] };
    const change = this.openChanges.get(record.change) ?? newChange(record);
    this.openChanges.set(record.change, change);
    applyRecord(change, record);
    const isMatch = this.matches(change, record);
    if (!change.isSelected && !isMatch) {
      if (record.stage === "begin") change.withheld.push(record);
      if (record.stage === "end") this.openChanges.delete(record.change);
      return { records: [] };
    }
    change.isSelected = true;
    const isStep = record.stage === "before" || record.stage === "after";
    const records = change.withheld.splice(0);
    // Of a change of many terminals, only the steps of the selected terminal are returned.
    if (isMatch || !isStep) records.push(record);
    if (record.stage !== "end") return { records };
    this.openChanges.delete(record.change);
    return { records, ended: change };
  }

  /** The selected changes without a recorded end. */
  unfinished(): ChangeSummary[] {
    return [...this.openChanges.values()].filter(({ isSelected }) => isSelected);
  }

  private matches({ about }: ChangeSummary, record: ChangeRecord): boolean {
    const { customer, terminal } = this.filter;
    if (customer !== undefined && about.customer !== customer && !about.customers?.includes(customer)) {
      return false;
    }
    if (terminal === undefined) return true;
    if (about.terminals?.includes(terminal)) return true;
    if (record.stage !== "before" && record.stage !== "after") return false;
    const failed = record.stage === "after" ? (record.failed ?? []) : [];
    return record.terminals.includes(terminal) || failed.some((one) => one.terminal === terminal);
  }
}

/** A change whose begin is not known: it may have been recorded before the selected time. */
function newChange({ change, who }: ChangeRecord): OpenChange {
  return {
    ...{ change, who, about: { command: "?" }, done: 0, failed: 0, open: [] },
    ...{ isSelected: false, withheld: [] },
  };
}

function applyRecord(change: ChangeSummary, record: ChangeRecord): void {
  switch (record.stage) {
    case "begin":
      change.about = record.about;
      change.began = record.at;
      return;
    case "before":
      change.open.push(...record.terminals);
      return;
    case "after": {
      const failed = record.failed ?? [];
      const finished = new Set([...record.terminals, ...failed.map(({ terminal }) => terminal)]);
      change.open = change.open.filter((terminal) => !finished.has(terminal));
      change.done += record.terminals.length;
      change.failed += failed.length;
      return;
    }
    case "end":
      change.about = record.about;
      change.ended = record.at;
      change.result = record.result;
  }
}
