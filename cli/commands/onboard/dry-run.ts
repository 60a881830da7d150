import type { Fleet } from "../../azure/fleet.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Batch } from "../../onboarding/batch-file/batch.ts";
import { type ImportMode, isImported } from "../../onboarding/import-scheduler.ts";
import { Journal } from "../../onboarding/journal.ts";
import { planOnboarding, type Refusal } from "../../onboarding/plan.ts";
import { count, formatDuration, formatTable } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { plural, t } from "../../words/translate.ts";

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
  const { customer, terminals, sites } = batch;
  const { tier, units } = fleet.hubSize;
  const imported = isImported(importMode, plan.new, fleet.registryOperationsPerMinute);
  const time = plan.seconds > 0 ? t`about ${formatDuration(plan.seconds)}` : t`under a minute`;
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
    [
      t`time`,
      imported ? t`depends on the import job of the IoT Hub, which has no throttle` : `${time} ${pace}`,
    ],
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
  output.remedy({ remedyLines: [remedy] });
}
