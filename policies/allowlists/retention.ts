/*
 * What customers are promised about time, by stack, in days. The settings may say more, and the rules accept no less:
 * a shorter period is a change of this file too. A stack that is not named here has the shortest period that the
 * settings accept.
 */

export interface Retention {
  /** How long an audit record is kept, at least. */
  audit: number;
  /** How long a log is kept, at least. */
  logs: number;
  /** For how long a deleted file or audit record can be restored, at least. */
  recovery: number;
}

const shortest: Retention = { audit: 30, logs: 30, recovery: 7 };

const byStack: Record<string, Retention> = {
  prod: { audit: 730, logs: 180, recovery: 7 },
};

export const retentionOf = (stack: string): Retention => byStack[stack] ?? shortest;
