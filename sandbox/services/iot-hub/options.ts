import type { Faults } from "../../proxy/faults.ts";
import type { Outbound } from "./jobs/blob-container.ts";

/** How slow the service is. Tests that are not about slowness set these small. */
export interface IotHubDelays {
  /**
   * Milliseconds between the disabling or deletion of a device and the end of its open connection; default 1000.
   * Azure documents no limit.
   */
  disconnectDelayMs?: number;
  /** Milliseconds until queries return a change; default 0. See QueryIndex for deletions. */
  indexDelayMs?: number;
  /**
   * Milliseconds between the creation of an import or export job and its start; default 1000. Jobs of live hubs took
   * about three seconds in all.
   */
  jobDelayMs?: number;
  /** Milliseconds for which feedback is collected into one batch; default 15,000, as in Azure. */
  feedbackDelayMs?: number;
}

export interface IotHubOptions extends IotHubDelays {
  /** Whether throttles and daily quotas are enforced; default true. */
  throttling?: boolean;
  /** Milliseconds after which a connection that has not signed in is closed; default 30,000. Azure documents none. */
  signInTimeoutMs?: number;
  /**
   * The failures that tests have ordered. A rule for MQTT has the method PUBLISH (from the device) or DELIVER (to the
   * device) and the topic as its path; `answer` closes the connection before the message is handled. Connecting is
   * subject to rules like any request.
   */
  faults?: () => Faults;
  /** How the hub reaches storage accounts for import and export jobs; without it these jobs fail. */
  outbound?: () => Outbound;
}
