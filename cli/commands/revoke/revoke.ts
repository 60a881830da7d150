import { checkedCustomer, checkedReason, checkedSite, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import {
  describeTerminal,
  expectOwner,
  type Ownership,
  ownershipOf,
  recordedCustomers,
} from "../../lifecycle/ownership.ts";
import { longestReason } from "../../lifecycle/revoke.ts";
import { type SelectedTerminals, selectTerminals } from "../../lifecycle/select-terminals.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";
import { askedAbout, expectOneCustomer } from "./prompt.ts";
import { revokeFile } from "./revoke-file.ts";
import { foreign, RevokeRun } from "./revoke-run.ts";

export interface RevokeOptions extends StackOptions {
  reason: string;
  customer?: string;
  site?: string;
  /** A site's name can be that of several customers' sites: all of them are meant. */
  allCustomers?: boolean;
  /** An offer's id: that file alone is revoked. */
  file?: string;
  /** Seconds to wait for the hub to drop a live connection. */
  wait: number;
  yes?: boolean;
}

/** How long a revocation waits to learn whose the terminal is. */
const belongingPatienceMs = 5_000;

/**
 * `revoke`: closes the three doors to a terminal, or to all of a customer or site, and says of each whether it is.
 * @throws OperatorError when a door is not.
 */
export async function revokeCommand(
  given: string | undefined,
  options: RevokeOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = given === undefined ? undefined : checkedTerminal(given);
  const customer = checkedCustomer(options.customer);
  const site = checkedSite(options.site);
  const reason = checkedReason(options.reason, longestReason);
  check(terminal, options);
  const fleet = await connectTo(options, signal);
  const output = new Output(options);
  if (terminal !== undefined && options.file !== undefined) {
    await revokeFile(terminal, options.file, { ...options, reason }, fleet);
    return;
  }
  const work = { fleet, output, options: { ...options, reason }, customer, signal };
  await (terminal === undefined ? revokeSeveral({ customer, site }, work) : revokeOne(terminal, work));
}

/** What both ways of revoking need. */
interface Work {
  fleet: Fleet;
  output: Output;
  options: RevokeOptions;
  customer: string | undefined;
  signal: AbortSignal;
}

function check(terminal: string | undefined, { customer, site, file, allCustomers }: RevokeOptions): void {
  if (!terminal && !customer && !site) {
    throw new OperatorError("usage", "which terminals? Give a TERMINAL, --customer or --site");
  }
  if (terminal && site) throw new OperatorError("usage", "give a TERMINAL or --site, not both");
  if (file !== undefined && !terminal) {
    throw new OperatorError("usage", "--file needs the TERMINAL it was offered to");
  }
  if (allCustomers && (!site || customer)) {
    throw new OperatorError("usage", "--all-customers goes with --site alone");
  }
}

async function revokeOne(terminal: string, work: Work): Promise<void> {
  const { fleet, options, customer } = work;
  const belonging = await soon(terminal, fleet);
  expectOwner(terminal, belonging, customer);
  const { environment } = fleet.outputs;
  if (!options.yes) {
    await confirm(
      `Revoke ${describeTerminal(terminal, belonging)} in ${environment}? It stops working at once.`,
    );
  }
  const customers = [...belonging.customers, ...(customer ? [customer] : [])];
  await record(new RevokeRun([terminal], { ...work, waitMs: options.wait * 1000 }), customers, work);
}

/** Whose it is, if the services say so in a moment: shutting it out waits no longer than that. */
async function soon(terminal: string, fleet: Fleet): Promise<Ownership> {
  const nobodyKnows: Ownership = { customers: [] };
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Ownership>((resolve) => {
    timer = setTimeout(resolve, belongingPatienceMs, nobodyKnows);
  });
  try {
    return await Promise.race([ownershipOf(terminal, fleet).catch(() => nobodyKnows), patience]);
  } finally {
    clearTimeout(timer);
  }
}

async function revokeSeveral(
  selection: { customer: string | undefined; site: string | undefined },
  work: Work,
): Promise<void> {
  const { fleet, options } = work;
  const selected = await selectTerminals(fleet, selection);
  const targets = [...selected.terminals.keys()];
  if (targets.length === 0) {
    const [other] = selected.elsewhere;
    if (other) throw foreign(...other);
    throw new OperatorError("failed", "there are no such terminals");
  }
  if (!selection.customer && !options.allCustomers) expectOneCustomer(selected, selection.site);
  if (!options.yes) await confirm(askedAbout(selected, fleet));
  const { customers, elsewhere } = selected;
  const run = new RevokeRun(targets, { ...work, waitMs: options.wait * 1000, customers, elsewhere });
  await record(run, customersOf(selected), work);
}

function customersOf({ terminals, customers }: SelectedTerminals): string[] {
  const tagged = [...terminals.values()].flatMap(({ customer }) => (customer ? [customer] : []));
  return [...tagged, ...[...customers.values()].flat()];
}

async function record(run: RevokeRun, customers: string[], { fleet, options }: Work): Promise<void> {
  const { targets } = run;
  const named = targets.length <= maxTerminalsPerRecord;
  const about = {
    command: "revoke",
    ...recordedCustomers(customers),
    ...(named ? { terminals: targets } : { count: targets.length }),
    reason: options.reason,
    details: { ...(options.site ? { site: options.site } : {}) },
  };
  // Shutting out cannot wait for a log: what cannot be recorded now is recorded later.
  await fleet.audit.record(
    about,
    async (change) => {
      if (!named) await change.before(targets, { ifUnwritable: "continue" });
      await run.all();
      if (targets.length > 1) await change.after(run.closed, run.failures());
    },
    () => run.result(),
    { ifUnwritable: "continue" },
  );
  run.tell();
}
