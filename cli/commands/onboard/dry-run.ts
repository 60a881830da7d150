import type { Fleet } from "../../azure/fleet.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Batch } from "../../onboarding/batch-file/batch.ts";
import { type ImportMode, isImported } from "../../onboarding/import-scheduler.ts";
import { Journal } from "../../onboarding/journal.ts";
import { type Plan, planOnboarding, type Refusal } from "../../onboarding/plan.ts";
import { count, formatDuration, formatTable } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { plural, t } from "../../words/translate.ts";

/**
 * The question before an onboarding: how many terminals are new and unchanged, at which sites, and how long it takes.
 * Changes nothing.
 */
export async function describeOnboarding(
  batch: Batch,
  folder: BundleFolder,
  fleet: Fleet,
  importMode: ImportMode,
): Promise<string[]> {
  await folder.expectReadable();
  await using journal = await Journal.openReadOnly(Journal.pathFor(batch.file, fleet.outputs.hubHostName));
  const plan = await planOnboarding(batch, fleet, folder, journal);
  const { environment, hubHostName } = fleet.outputs;
  const { terminals, sites, siteNames, customer } = batch;
  const halfOnboarded = plan.continued + plan.finished;
  const counts = [
    t`${plan.new} new`,
    ...(halfOnboarded > 0 ? [t`${halfOnboarded} to continue`] : []),
    t`${plan.unchanged} unchanged`,
    ...(plan.refused > 0 ? [t`${plan.refused} refused`] : []),
  ];
  const names = siteNames.join(", ");
  const named = sites > siteNames.length ? t`${names} and ${sites - siteNames.length} more` : names;
  const { duration } = timeOf(plan, fleet, importMode);
  const question = t`Onboard ${count(terminals, "terminal")} at ${count(sites, "site")} for customer ${customer} in ${environment} (${hubHostName})?`;
  return [
    `  ${counts.join(", ")}`,
    `  ${t`Sites: ${named}`}`,
    `  ${t`Time: ${duration}`}`,
    ...(plan.newSharedKey ? [`  ${t`The customer is new: it gets a subscription key.`}`] : []),
    question,
  ];
}

/** How long an onboarding takes, and whether an import job of the IoT Hub does a part of it. */
function timeOf(plan: Plan, fleet: Fleet, importMode: ImportMode): { imported: boolean; duration: string } {
  const imported = isImported(importMode, plan.new, fleet.registryOperationsPerMinute);
  if (imported) {
    return { imported, duration: t`depends on the import job of the IoT Hub, which has no throttle` };
  }
  const duration = plan.seconds > 0 ? t`about ${formatDuration(plan.seconds)}` : t`under a minute`;
  return { imported, duration };
}

/** `onboard FILE --dry-run`: shows what onboarding would do, and changes nothing. */
export async function showPlan(
  batch: Batch,
  folder: BundleFolder,
  fleet: Fleet,
  importMode: ImportMode,
  output: Output,
): Promise<void> {
  await folder.expectReadable();
  // Opened read-only, because another run may hold the journal's lock.
  await using journal = await Journal.openReadOnly(Journal.pathFor(batch.file, fleet.outputs.hubHostName));
  const plan = await planOnboarding(batch, fleet, folder, journal, (refusal) =>
    reportRefusal(refusal, output),
  );
  output.writeRemedies();
  const { customer, terminals, sites } = batch;
  const { tier, units } = fleet.hubSize;
  const { imported, duration } = timeOf(plan, fleet, importMode);
  const pace = t`at the throttle of ${tier} with ${count(units, "unit")} (${fleet.registryOperationsPerMinute} registry operations per minute)`;
  const rows: [string, string | number][] = [
    [
      t`customer`,
      plan.newSharedKey ? t`${customer}, for which a subscription key would be created` : customer,
    ],
    [t`terminals`, t`${terminals} at ${count(sites, "site")}`],
    [t`new`, plan.new],
    [t`to continue, with the keys they have`, plan.continued],
    [t`with a credential bundle, to finish`, plan.finished],
    [t`unchanged`, plan.unchanged],
    [t`refused`, plan.refused],
    [t`time`, imported ? duration : `${duration} ${pace}`],
  ];
  const { continued, finished, unchanged, refused, newSharedKey, seconds } = plan;
  const value = {
    ...{ customer, terminals, sites, new: plan.new, continued, finished, unchanged, refused },
    ...{ newSharedKey, seconds, imported, hub: { tier, units } },
  };
  output.result("plan", value, formatTable(rows));
  output.note(t`Nothing was changed.`);
  if (refused > 0) {
    const message = plural(refused, {
      one: t`1 of ${count(terminals, "terminal")} would be refused`,
      other: t`${refused} of ${count(terminals, "terminal")} would be refused`,
    });
    throw new OperatorError("failed", message, { remedy: t`Follow the remedy of each.` });
  }
}

function reportRefusal({ terminal, message, remedy }: Refusal, output: Output): void {
  output.result("refused", { terminal, message, remedy }, `${terminal}: ${message}`);
  output.collectRemedy(terminal, { remedyLines: [remedy] });
}
