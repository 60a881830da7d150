import type { Fleet } from "../../azure/fleet.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import type { Batch } from "../../onboarding/batch-file/batch.ts";
import { type ImportMode, isImported } from "../../onboarding/import-scheduler.ts";
import { Journal } from "../../onboarding/journal.ts";
import { planOnboarding, type Refusal } from "../../onboarding/plan.ts";
import { duration, indent, type Output, table } from "../../terminal-ui/output.ts";

/** `onboard FILE --dry-run`: says what would happen, and changes nothing. */
export async function dryRun(
  batch: Batch,
  folder: BundleFolder,
  fleet: Fleet,
  importMode: ImportMode,
  output: Output,
): Promise<void> {
  await folder.expectReadable();
  // A run may be at work on it: this one only looks.
  await using journal = await Journal.openReadOnly(Journal.pathFor(batch.file, fleet.outputs.hubHostName));
  const plan = await planOnboarding(batch, fleet, folder, journal, (refusal) => tellRefused(refusal, output));
  const { customer, terminals, sites } = batch;
  const { tier, units } = fleet.hubSize;
  const imported = isImported(importMode, plan.new, fleet.registryOperationsPerMinute);
  const rows: [string, string | number][] = [
    ["customer", `${customer}${plan.newSharedKey ? ", whose shared Flow key would be made" : ""}`],
    ["terminals", `${terminals} at ${sites} ${sites === 1 ? "site" : "sites"}`],
    ["new", plan.new],
    ["continued, with the keys they have", plan.continued],
    ["handed over, to be let in", plan.finished],
    ["unchanged", plan.unchanged],
    ["refused", plan.refused],
    [
      "time",
      imported
        ? "that of the hub's own import job, which its pace does not hold up"
        : `${plan.seconds > 0 ? `about ${duration(plan.seconds)}` : "under a minute"} at the pace of ${tier} with ${units} ${units === 1 ? "unit" : "units"} (${fleet.registryOperationsPerMinute} registry operations a minute)`,
    ],
  ];
  output.result("plan", { customer, terminals, sites, ...plan, imported, hub: { tier, units } }, table(rows));
  output.note("Nothing was changed.");
}

function tellRefused({ terminal, message, remedy }: Refusal, output: Output): void {
  output.result("refused", { terminal, message, remedy }, `${terminal}: ${message}`);
  output.note(indent(remedy));
}
