import { checkReason } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { recordedCustomers } from "../../lifecycle/ownership.ts";
import { cleanUpImports } from "../../onboarding/clean-up-imports.ts";
import { leaseSeconds } from "../../onboarding/device-file.ts";
import { listImports, type StoredImport } from "../../onboarding/stored-imports.ts";
import { count, formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { CleanUpOptions } from "./definition.ts";

const resumeAdvice = () =>
  t`Device identities that an import created keep their keys: \`npx terminals onboard\` with the batch file continues.`;

/**
 * `clean-up`: deletes the device keys of interrupted imports.
 * @throws OperatorError "waiting" when an import is in progress.
 */
export async function run(options: CleanUpOptions, context: CommandContext): Promise<void> {
  const { output, prompt, signal } = context;
  const reason = checkReason(options.reason);
  const fleet = await connectToFleet(options, context);
  const imports = await listImports(fleet.imports);
  if (imports.length === 0) {
    output.result("summary", { deleted: 0, inUse: 0 }, t`The imports account has no device keys.`);
    return;
  }
  if (!options.yes) {
    const question = t`Delete the device keys of ${count(imports.length, "import")} in ${fleet.outputs.environment}? Imports in progress are kept.`;
    await prompt.confirm([...imports.map((one) => `  ${describe(one)}`), question]);
  }
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted; nothing was changed`);
  const about = {
    command: "clean-up",
    ...recordedCustomers(imports.flatMap(({ customer }) => customer ?? [])),
    reason,
    details: { imports: imports.length },
  };
  const deleted: StoredImport[] = [];
  const work = () =>
    cleanUpImports(fleet.imports, imports, {
      onDeleted(one) {
        deleted.push(one);
        const { importId, customer, since } = one;
        output.result("deleted", { importId, customer, since }, t`deleted: ${describe(one)}`);
      },
      onWait: (held) =>
        output.note(
          t`${count(held, "import")} may be in progress: waiting up to ${leaseSeconds} seconds for the lease of a run that was killed.`,
        ),
      signal,
    });
  const remaining = await fleet.audit.record(about, work, (left) => ({
    outcome: signal.aborted && left.length > 0 ? "interrupted" : "done",
    details: { deleted: deleted.length, inUse: left.length },
  }));
  const inUse = remaining.length;
  output.result("summary", { deleted: deleted.length, inUse }, t`${count(deleted.length, "import")} deleted`);
  if (deleted.length > 0) output.note(resumeAdvice());
  if (signal.aborted && inUse > 0) {
    throw new OperatorError("interrupted", t`interrupted: ${count(inUse, "import")} not deleted`, {
      remedy: t`Run the same command again.`,
    });
  }
  if (inUse > 0) throw stillInUse(remaining);
}

function stillInUse(remaining: StoredImport[]): OperatorError {
  const lines = remaining.map((one) => `  ${describe(one)}`);
  return new OperatorError("waiting", [t`${count(remaining.length, "import")} in progress:`, ...lines], {
    remedy: t`The onboarding run deletes its import when it is complete. If it was killed since, run this again.`,
  });
}

function describe({ customer, since }: StoredImport): string {
  const from = formatTime(since);
  return customer ? t`import for ${customer}, since ${from}` : t`import, since ${from}`;
}
