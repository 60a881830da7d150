import type { Retired } from "../../lifecycle/retire.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";

/** Reports what was done with one terminal. */
export function reportRetired(terminal: string, { state, after }: Retired, output: Output): void {
  const line = {
    marked: `${terminal} is revoked, and can be deleted from ${after ? formatTime(after) : "now"}: run this again then, or \`terminals retire --due\``,
    deleted: `${terminal} is deleted; the audit log keeps its records`,
    unknown: `${terminal} is not at the IoT Hub any more`,
  }[state];
  output.result("retired", { terminal, state, ...(after ? { after: after.toISOString() } : {}) }, line);
}
