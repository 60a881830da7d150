import type { ChangeSummary } from "../../audit-log/change-collector.ts";
import { describeDrift } from "../../fleet-status/drift-words.ts";
import { formatAge, formatRemarks, stateLabel } from "../../fleet-status/format.ts";
import type { TerminalDetails } from "../../fleet-status/terminal-details.ts";
import { formatTable, formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import { formatChange } from "../audit/show.ts";
import { formatOffer, offerValue } from "../files/report.ts";

/**
 * One terminal as `--json` writes it: the members of `status --json`, and more.
 * @param changes Undefined when the audit log could not be read.
 */
export function detailsValue(
  { status, deviceKeysFrom, flowKeys, offers }: TerminalDetails,
  changes: ChangeSummary[] | undefined,
): object {
  return {
    ...status,
    keys: { ...(deviceKeysFrom ? { deviceKeysFrom } : {}), flowKeys },
    offers: offers.map(({ offer, hasDeadLink }) => offerValue(status.terminal, offer, hasDeadLink)),
    alerts: status.drift.map((name) => ({ name, message: describeDrift(name) })),
    changes: changes?.map(({ change, who, about, began, ended, result }) => ({
      change,
      command: about.command,
      began,
      ended,
      outcome: result?.outcome,
      message: result?.message,
      who,
      reason: about.reason,
    })),
  };
}

/** One terminal for people. @param changes Undefined when the audit log could not be read. */
export function detailLines(
  details: TerminalDetails,
  changes: ChangeSummary[] | undefined,
  now: number,
): string[] {
  const { status, offers } = details;
  return [
    status.terminal,
    ...formatTable(propertyRows(details, now)),
    ...section(
      t`alerts`,
      status.drift.map((name) => `! ${describeDrift(name)}`),
    ),
    ...section(
      t`files`,
      offers.map(({ offer, hasDeadLink }) => formatOffer(offer, hasDeadLink)),
    ),
    ...(changes ? section(t`last changes`, changes.flatMap(formatChange)) : []),
  ];
}

function propertyRows(
  { status, deviceKeysFrom, flowKeys }: TerminalDetails,
  now: number,
): [string, string | number][] {
  const { customer, site, name, state, lastSeen } = status;
  const remarks = formatRemarks(status);
  const age = (at: string) => t`${formatAge(at, now)} old, from ${formatTime(at)}`;
  const flowKeyRows = flowKeys.map(({ customer: owner, from, active }): [string, string] => [
    t`Flow key`,
    `${age(from)}${active ? "" : t`, revoked`}${flowKeys.length > 1 ? t`, of ${owner}` : ""}`,
  ]);
  return [
    [t`name`, name ?? "-"],
    [t`customer`, customer ?? "-"],
    [t`site`, site ?? "-"],
    [t`state`, [stateLabel(state), ...remarks].join("; ")],
    [t`last seen`, lastSeen ? t`${formatAge(lastSeen, now)} ago, ${formatTime(lastSeen)}` : t`never`],
    [t`device keys`, deviceKeysFrom ? age(deviceKeysFrom) : "-"],
    ...(flowKeyRows.length > 0 ? flowKeyRows : [[t`Flow key`, "-"] as [string, string]]),
  ];
}

/** A heading with indented lines; "none" without lines. */
function section(heading: string, lines: string[]): string[] {
  return ["", heading, ...(lines.length > 0 ? lines : [t`none`]).map((line) => `  ${line}`)];
}
