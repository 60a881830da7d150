import { type Drift, driftDescriptions, type State, type TerminalStatus } from "./drift.ts";

/** The name of each state for people. */
export const stateLabels: Record<State, string> = {
  connected: "connected",
  offline: "offline",
  "never-seen": "never seen",
  revoked: "revoked",
  "no-identity": "no identity",
};

const units: [seconds: number, symbol: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
];

/** The time since `at` in its largest whole unit, for example "3 min", "5 h" or "40 d". */
export function formatAge(at: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  const [size, symbol] = units.find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${symbol}`;
}

/** The counts of a terminal's offers, for example "1 waiting, 2 failed"; empty without offers. */
export function formatFiles({ waiting, delivered, failed }: TerminalStatus["files"]): string {
  const parts: [number, string][] = [
    [waiting, "waiting"],
    [delivered, "delivered"],
    [failed, "failed"],
  ];
  return parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
}

/** Remarks on a terminal: why it is revoked, whether its keys rotate, and when it is deleted. */
export function formatRemarks({ reason, rotating, retiresAt }: TerminalStatus): string[] {
  return [
    ...(reason ? [`"${reason}"`] : []),
    ...(rotating ? ["key rotation in progress"] : []),
    ...(retiresAt ? [`will be deleted from ${retiresAt.slice(0, 10)}`] : []),
  ];
}

/** Counts the terminals with one kind of drift, for example "2 terminals are half onboarded …". */
export function formatDriftCount(drift: Drift, terminals: number): string {
  const description = driftDescriptions[drift];
  if (terminals === 1) return `1 terminal ${description}`;
  const plural = description
    .replace(/^is /, "are ")
    .replace(/^has /, "have ")
    .replace(/^belongs /, "belong ")
    .replace(/\bits\b/g, "their")
    .replace(/\bit\b/g, "them");
  return `${terminals} terminals ${plural}`;
}
