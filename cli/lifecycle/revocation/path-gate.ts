import pLimit from "p-limit";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import type { AccessPath } from "./access-path.ts";

const serviceNames: Record<AccessPath, () => string> = {
  hub: () => t`the IoT Hub`,
  files: () => t`storage or the Resource Manager`,
  flow: () => t`the key table`,
};

/**
 * Limits how many terminals are worked on at once at one access path. After as many terminals in a row for which the
 * service could not be reached, the remaining ones fail at once: otherwise a service that is away would cost each of
 * thousands of terminals minutes of retries.
 */
export class PathGate {
  private readonly accessPath: AccessPath;
  private readonly atOnce: number;
  private readonly limit;
  private unreachableInARow = 0;

  constructor(accessPath: AccessPath, atOnce: number) {
    this.accessPath = accessPath;
    this.atOnce = atOnce;
    this.limit = pLimit(atOnce);
  }

  /** @throws OperatorError without running `work` when the signal is aborted, or the service was given up. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.limit(async () => {
      if (signal?.aborted) throw new OperatorError("interrupted", t`interrupted`, { code: "NotTried" });
      if (this.unreachableInARow >= this.atOnce) throw this.givenUp();
      try {
        const result = await work();
        this.unreachableInARow = 0;
        return result;
      } catch (error) {
        const isUnreachable = error instanceof OperatorError && error.outcome === "unreachable";
        this.unreachableInARow = isUnreachable ? this.unreachableInARow + 1 : 0;
        throw error;
      }
    });
  }

  private givenUp(): OperatorError {
    const name = serviceNames[this.accessPath]();
    return new OperatorError(
      "unreachable",
      t`not tried: ${name} did not answer for ${this.atOnce} terminals in a row`,
      { code: "NotTried", remedy: t`Run this again when the service answers.` },
    );
  }
}
