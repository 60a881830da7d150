import type { State, TerminalStatus } from "./drift.ts";

/** What a state is called, for people. */
export const stateLabels: Record<State, string> = {
  connected: "connected",
  offline: "offline",
  "never-seen": "never seen",
  revoked: "revoked",
  "no-identity": "no identity",
};

const steps: [seconds: number, word: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
];

/** How long ago a time was, in its largest unit: "3 min", "5 h", "40 d". */
export function formatAge(at: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  const [size, word] = steps.find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${word}`;
}

/** What is under way with a terminal's files; empty when nothing is. */
export function formatFiles({ waiting, delivered, failed }: TerminalStatus["files"]): string {
  const parts: [number, string][] = [
    [waiting, "waiting"],
    [delivered, "delivered"],
    [failed, "failed"],
  ];
  return parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
}

/** What else there is to know of a terminal: why it is revoked, and what is going to become of it. */
export function formatRemarks({ reason, rotating, retiresAt }: TerminalStatus): string[] {
  return [
    ...(reason ? [`"${reason}"`] : []),
    ...(rotating ? ["new keys are on their way"] : []),
    ...(retiresAt ? [`deleted from ${retiresAt.slice(0, 10)} on`] : []),
  ];
}
