import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { type Closed, closed, unknown } from "./access-path.ts";
import { inTime, late } from "./bounded.ts";

/** The customer and site of a terminal, as far as they are known. */
export interface TerminalTags {
  customer?: string;
  site?: string;
}

/** What is known of a terminal's Flow key rows before a revocation. */
export interface FlowKeyHints {
  /** The customer that the operator named. */
  named?: string;
  /** The terminal's tags. The IoT Hub may never answer: they are waited for `tagsWaitMs` at most. */
  tags: Promise<TerminalTags | undefined>;
  tagsWaitMs: number;
  /** The customers that have a Flow key row for the terminal. */
  customersOf(terminal: string): Promise<string[]>;
}

/**
 * Revokes the Flow key rows of a terminal. It needs the key table only: the row of the named customer, the row of the
 * tag's customer and all rows that the table has are revoked, each as soon as it is known.
 */
export class FlowKeyRows {
  private readonly terminal: string;
  private readonly flowKeys: Fleet["flowKeys"];
  private readonly hints: FlowKeyHints;
  private readonly revoking = new Map<string, Promise<boolean>>();

  constructor(terminal: string, { flowKeys }: Pick<Fleet, "flowKeys">, hints: FlowKeyHints) {
    this.terminal = terminal;
    this.flowKeys = flowKeys;
    this.hints = hints;
    hints.tags.catch(() => {});
  }

  /** @throws OperatorError when the key table cannot be read, or a row cannot be revoked. */
  async revokeKnown(): Promise<void> {
    const { named, customersOf } = this.hints;
    const outcomes = await Promise.allSettled([
      named === undefined ? undefined : this.revokeOnce(named),
      customersOf(this.terminal).then((all) => Promise.all(all.map((customer) => this.revokeOnce(customer)))),
      this.readTags().then((tags) => (tags?.customer ? this.revokeOnce(tags.customer) : undefined)),
    ]);
    const failure = outcomes.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  }

  /** Revokes the rows again, after the device identity was disabled. Adds a revoked row when there is none. */
  async revokeAgain(): Promise<Closed> {
    const customers = await this.customers();
    for (const customer of customers) await revokeRow(customer, this.terminal, this.flowKeys);
    if (customers.length > 0) return this.result();
    const { customer, site } = await this.place();
    if (customer === undefined) return this.result();
    // An interrupted or running onboarding would otherwise add an active row.
    await this.flowKeys.addRevoked(customer, this.terminal, site ?? "");
    return closed(t`there was no Flow key row; a revoked one was added`);
  }

  /** The result of `revokeKnown`. */
  async result(): Promise<Closed> {
    const { length } = await this.customers();
    if (length > 1) return closed(t`Flow key rows of ${length} customers revoked`);
    return length === 1 ? closed(t`Flow key row revoked`) : unknown(t`there is no Flow key row`);
  }

  /** The customers of the rows that were revoked. */
  private async customers(): Promise<string[]> {
    const found: string[] = [];
    for (const [customer, hasRow] of this.revoking) if (await hasRow) found.push(customer);
    return found;
  }

  /** The customer and site for a row that must be added: those of the tags, else the named customer. */
  private async place(): Promise<TerminalTags> {
    const { customer = this.hints.named, site } = (await this.readTags()) ?? {};
    return { customer, site };
  }

  /** The tags; undefined when the IoT Hub has none, or cannot be read in time. */
  private async readTags(): Promise<TerminalTags | undefined> {
    const { tags, tagsWaitMs } = this.hints;
    try {
      const found = await inTime(tags, tagsWaitMs);
      return found === late ? undefined : found;
    } catch (error) {
      // The access path of the IoT Hub reports that it cannot be read.
      if (error instanceof OperatorError) return undefined;
      throw error;
    }
  }

  private revokeOnce(customer: string): Promise<boolean> {
    const started = this.revoking.get(customer);
    if (started) return started;
    const revoking = revokeRow(customer, this.terminal, this.flowKeys);
    this.revoking.set(customer, revoking);
    return revoking;
  }
}

/** @returns Whether there is a row. */
async function revokeRow(customer: string, terminal: string, flowKeys: Fleet["flowKeys"]): Promise<boolean> {
  const row = await flowKeys.revoke(customer, terminal);
  if (row && row.status !== "revoked") {
    throw new OperatorError("failed", t`the Flow key row has the status ${row.status}`);
  }
  return row !== undefined;
}
