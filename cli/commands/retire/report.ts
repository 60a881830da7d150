import type { Retired } from "../../lifecycle/retire.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

/** Reports what was done with one terminal. */
export function reportRetired(terminal: string, { state, after }: Retired, output: Output): void {
  const line = {
    marked: t`${terminal} is revoked, and can be deleted from ${after ? formatTime(after) : t`now`}: run this again then, or \`npx terminals retire --due\``,
    deleted: t`${terminal} is deleted; the audit log keeps its records`,
    unknown: t`${terminal} is not at the IoT Hub any more`,
  }[state];
  output.result("retired", { terminal, state, ...(after ? { after: after.toISOString() } : {}) }, line);
}
