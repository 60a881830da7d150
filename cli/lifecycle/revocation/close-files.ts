import type { Fleet } from "../../azure/fleet.ts";
import type { Clock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { type Closed, closed, unknown } from "./access-path.ts";

/** Storage may take 30 seconds to apply a change of a stored access policy. */
const policyWaitMs = 60_000;
const policyPollMs = 500;

/** Deletes the terminal's stored access policy, and verifies that a file link is rejected. */
export async function closeFiles(
  terminal: string,
  { files }: Pick<Fleet, "files">,
  clock: Clock,
): Promise<Closed> {
  if (!(await files.hasContainer(terminal))) return unknown(t`there is no container`);
  const policy = await files.removePolicy(terminal);
  if (!policy) return closed(t`there is no stored access policy, so no file link is valid`);
  const deadline = clock.now() + policyWaitMs;
  while (await files.acceptsLinks(terminal, policy)) {
    if (clock.now() > deadline) {
      throw new OperatorError(
        "failed",
        t`the stored access policy is deleted, but storage still accepts a file link`,
        { remedy: t`Storage may take a minute to apply the change. Run this again.` },
      );
    }
    await clock.sleep(policyPollMs);
  }
  return closed(t`stored access policy deleted, a file link is rejected`);
}
