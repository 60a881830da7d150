import { formatLabels } from "../lifecycle/labels.ts";
import { formatDay } from "../terminal-ui/format.ts";
import { t } from "../words/translate.ts";
import type { State, TerminalStatus } from "./drift.ts";

/** The name of a state for people. */
export function stateLabel(state: State): string {
  const labels: Record<State, () => string> = {
    connected: () => t`connected`,
    offline: () => t`offline`,
    "never-seen": () => t`never seen`,
    revoked: () => t`revoked`,
    "no-identity": () => t`no identity`,
  };
  return labels[state]();
}

const units: [seconds: number, format: (number: number) => string][] = [
  [86_400, (days) => t`${days} d`],
  [3_600, (hours) => t`${hours} h`],
  [60, (minutes) => `${minutes} min`],
  [0, (seconds) => `${seconds} s`],
];

/** The time since `at` in its largest whole unit, for example "3 min", "5 h" or "40 d". */
export function formatAge(at: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  const [size, format] = units.find(([size]) => seconds >= size) as (typeof units)[number];
  return format(Math.floor(seconds / (size || 1)));
}

/** The counts of a terminal's offers, for example "1 waiting, 2 failed"; empty without offers. */
export function formatFiles({ waiting, delivered, failed }: TerminalStatus["files"]): string {
  return [
    ...(waiting > 0 ? [t`${waiting} waiting`] : []),
    ...(delivered > 0 ? [t`${delivered} delivered`] : []),
    ...(failed > 0 ? [t`${failed} failed`] : []),
  ].join(", ");
}

/** Remarks on a terminal: why it is revoked, whether its keys rotate, and when it is deleted. */
export function formatRemarks({ reason, rotating, retiresAt, labels, note }: TerminalStatus): string[] {
  return [
    ...(reason ? [`"${reason}"`] : []),
    ...(rotating ? [t`key rotation in progress`] : []),
    ...(retiresAt ? [t`will be deleted from ${formatDay(retiresAt)}`] : []),
    ...(labels ? [formatLabels({ labels })] : []),
    ...(note === undefined ? [] : [t`note: ${note}`]),
  ];
}
