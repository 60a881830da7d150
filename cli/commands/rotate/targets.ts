import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { findRotationCandidates } from "../../lifecycle/key-rotation/candidates.ts";
import { findUnknownPlace } from "../../lifecycle/unknown-names.ts";
import { count } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { RotateOptions } from "./definition.ts";

const dayMs = 86_400_000;

/**
 * Selects the terminals for a rotation without TERMINAL: those of a customer, those with old keys, and those with a
 * rotation in progress.
 * @returns Their IDs, and the customers that the audit record names.
 */
export async function selectTargets(
  fleet: Fleet,
  { customer, olderThan }: Pick<RotateOptions, "customer" | "olderThan">,
  output: Output,
): Promise<{ targets: string[]; customers: string[] }> {
  const all = await findRotationCandidates(fleet, customer);
  if (customer && all.length === 0) {
    const unknown = await findUnknownPlace(fleet, { customer });
    throw (
      unknown ??
      new OperatorError("failed", t`customer ${customer} has no terminal that is enabled`, {
        remedy: t`\`npx terminals list --customer ${customer}\` shows why.`,
      })
    );
  }
  // Rotating the customer's subscription key concerns every terminal of the customer.
  if (customer && olderThan === undefined) {
    return { targets: all.map(({ terminal }) => terminal), customers: [customer] };
  }
  const excluded = all.filter(({ rotatesSubscriptionKey }) => rotatesSubscriptionKey);
  if (excluded.length > 0) {
    output.note(
      t`Skipped: ${count(excluded.length, "terminal")}, because the customer's subscription key is being rotated. \`npx terminals rotate --customer ID --continue\` continues that rotation.`,
    );
  }
  const oldest = olderThan === undefined ? undefined : Date.now() - olderThan * dayMs;
  const isOld = (keysFrom: number | undefined) => oldest !== undefined && (keysFrom ?? 0) <= oldest;
  const selected = all
    .filter(({ rotatesSubscriptionKey }) => !rotatesSubscriptionKey)
    .filter(({ isRotating, oldestKeyAt }) => isRotating || isOld(oldestKeyAt));
  return {
    targets: selected.map(({ terminal }) => terminal),
    customers: selected.flatMap(({ customer: owner }) => owner ?? []),
  };
}
