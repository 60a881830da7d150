import { checkCustomerId, checkReason, checkSite, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { addNearestTerminals } from "../../azure/iot-hub/nearest-terminals.ts";
import { quoteName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import {
  describeTerminal,
  expectOwner,
  type Ownership,
  recordedCustomers,
} from "../../lifecycle/ownership.ts";
import { inTime, late } from "../../lifecycle/revocation/bounded.ts";
import { longestReason } from "../../lifecycle/revoke.ts";
import { type SelectedTerminals, selectTerminals } from "../../lifecycle/select-terminals.ts";
import { findUnknownPlace } from "../../lifecycle/unknown-names.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { RevokeOptions } from "./definition.ts";
import { expectOneCustomer, revocationQuestion } from "./prompt.ts";
import { ofOtherCustomer } from "./report.ts";
import { revokeFile } from "./revoke-file.ts";
import { RevokeRun } from "./revoke-run.ts";
import {
  describeSpellings,
  expectNoLookalike,
  hasSeveralSpellings,
  spellingLines,
  spellingsOf,
} from "./similar-sites.ts";

/** Maximum wait for the terminal's customer and site, which the question and the audit record name. */
const ownershipTimeoutMs = 5_000;

interface Run extends CommandContext {
  fleet: Fleet;
  options: RevokeOptions;
  customer: string | undefined;
  site: string | undefined;
}

/**
 * `revoke`: closes the three access paths of a terminal, or of all terminals of a customer or site, and reports which
 * are closed.
 * @throws OperatorError when an access path is still open.
 */
export async function run(
  typedId: string | undefined,
  typedOptions: RevokeOptions,
  context: CommandContext,
): Promise<void> {
  const terminal = typedId === undefined ? undefined : checkTerminalId(typedId);
  const customer = checkCustomerId(typedOptions.customer);
  const site = checkSite(typedOptions.site);
  const options = { ...typedOptions, reason: checkReason(typedOptions.reason, longestReason) };
  checkCombination(terminal, options);
  const fleet = await connectToFleet(options, { ...context, isHubSizeOptional: true });
  if (terminal !== undefined && options.file !== undefined) {
    return revokeFile(terminal, options.file, options, { ...context, fleet });
  }
  const work = { ...context, fleet, options, customer, site };
  await (terminal === undefined ? revokeSelected(work) : revokeOne(terminal, work));
}

function checkCombination(
  terminal: string | undefined,
  { customer, site, file, allCustomers, exact }: RevokeOptions,
): void {
  if (!terminal && !customer && !site) {
    throw new OperatorError("usage", t`specify TERMINAL, --customer or --site`);
  }
  if (terminal && site) throw new OperatorError("usage", t`specify TERMINAL or --site, not both`);
  if (file !== undefined && !terminal) {
    throw new OperatorError("usage", t`--file requires TERMINAL, to which the file was offered`);
  }
  if (exact && !site) throw new OperatorError("usage", t`--exact requires --site`);
  if (allCustomers && (!site || customer)) {
    throw new OperatorError("usage", t`--all-customers requires --site, and excludes --customer`);
  }
}

async function revokeOne(terminal: string, run: Run): Promise<void> {
  const { fleet, options, customer, prompt } = run;
  const ownership = await ownershipInTime(terminal, fleet);
  expectOwner(terminal, ownership, customer);
  if (!options.yes) {
    const what = describeTerminal(terminal, ownership);
    await prompt.confirm(t`Revoke ${what} in ${fleet.outputs.environment}? It stops working at once.`);
  }
  const customers = [...ownership.customers, ...(customer ? [customer] : [])];
  await recordRevocation(new RevokeRun([terminal], run), customers, run);
}

/**
 * The terminal's customer and site: from its tags, else the customers from its Flow key rows. A service that does not
 * answer in time does not delay the revocation.
 */
async function ownershipInTime(terminal: string, { registry, flowKeys }: Fleet): Promise<Ownership> {
  const orNothing = async <T>(reading: Promise<T>): Promise<T | undefined> => {
    const read = await inTime(
      reading.catch(() => undefined),
      ownershipTimeoutMs,
    );
    return read === late ? undefined : read;
  };
  const [tags, customers = []] = await Promise.all([
    orNothing(registry.tags(terminal)),
    orNothing(flowKeys.customersOf(terminal)),
  ]);
  const { customer, site } = tags ?? {};
  return customer ? { customer, site, customers: [customer] } : { customers };
}

async function revokeSelected(run: Run): Promise<void> {
  const { fleet, options, customer, site, prompt, output } = run;
  const selected = await selectTerminals(fleet, { customer, site }, { isPartialAllowed: true });
  const targets = [...selected.terminals.keys()];
  const { customers, elsewhere, terminals, hubError, tableError } = selected;
  if (targets.length === 0) {
    const [other] = elsewhere;
    if (other) throw ofOtherCustomer(...other);
    throw hubError ?? tableError ?? (await noneSelected(run, selected));
  }
  if (site && !options.exact) expectNoLookalike(selected, site);
  const missing = [
    ...(hubError
      ? [
          t`the IoT Hub could not be read (${hubError.message}). Terminals without a Flow key row are not in the list. Run this again when it can be read.`,
        ]
      : []),
    ...(tableError
      ? [
          t`the key table could not be read (${tableError.message}). Terminals that the IoT Hub does not list are not in the list. Run this again when it can be read.`,
        ]
      : []),
  ];
  for (const warning of missing) output.warning(warning);
  if (!customer && !options.allCustomers) expectOneCustomer(selected, site);
  const spellings = site ? spellingsOf(selected) : [];
  if (hasSeveralSpellings(spellings)) output.warning(describeSpellings(spellings, site as string));
  if (!options.yes) await prompt.confirm(revocationQuestion(selected, fleet));
  const context = { ...run, customers: tableError ? undefined : customers, elsewhere, locations: terminals };
  const revocation = new RevokeRun(targets, { ...context, incomplete: hubError ?? tableError });
  await recordRevocation(revocation, customersOf(selected), run);
}

/** The error for a selection without terminals. */
export async function noneSelected(
  { fleet, customer, site }: Pick<Run, "fleet" | "customer" | "site">,
  { lookalikes }: Pick<SelectedTerminals, "lookalikes">,
): Promise<OperatorError> {
  if (lookalikes.length === 0) {
    const unknown = await findUnknownPlace(fleet, { customer, site });
    if (unknown) return unknown;
  }
  const place = quoteName(site ?? "");
  const message = !customer
    ? t`there is no terminal at site ${place}`
    : site
      ? t`there is no terminal of customer ${customer} at site ${place}`
      : t`there is no terminal of customer ${customer}`;
  const lines =
    lookalikes.length > 0 ? [t`${message}; names that look like it:`, ...spellingLines(lookalikes)] : message;
  return new OperatorError("failed", lines, {
    remedy: t`Check the spelling. \`npx terminals list\` lists all terminals with their customers and sites.`,
  });
}

function customersOf({ terminals, customers }: SelectedTerminals): string[] {
  const tagged = [...terminals.values()].flatMap(({ customer }) => (customer ? [customer] : []));
  return [...tagged, ...[...customers.values()].flat()];
}

async function recordRevocation(
  revocation: RevokeRun,
  customers: string[],
  { fleet, options: { reason, site } }: Run,
): Promise<void> {
  const { targets } = revocation;
  const isNamed = targets.length <= maxTerminalsPerRecord;
  const about = {
    command: "revoke",
    ...recordedCustomers(customers),
    ...(isNamed ? { terminals: targets } : { count: targets.length }),
    reason,
    ...(site ? { details: { site } } : {}),
  };
  // Revoking does not wait for the audit log: a record that cannot be written now is added by a later run.
  await fleet.audit.record(
    about,
    async (change) => {
      if (!isNamed) await change.before(targets, { ifUnwritable: "continue" });
      await revocation.revokeAll();
      if (targets.length > 1) await change.after(revocation.revoked, revocation.failures());
    },
    () => revocation.auditResult(),
    { ifUnwritable: "continue" },
  );
  try {
    revocation.report();
  } catch (error) {
    throw await addNearestTerminals(error, fleet.registry, targets[0]);
  }
}
