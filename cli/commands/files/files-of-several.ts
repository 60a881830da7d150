import { join } from "node:path";
import pMap from "p-map";
import { readSelection } from "../../arguments/selection.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { Fleet } from "../../azure/fleet.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { TerminalLocation } from "../../lifecycle/select-terminals.ts";
import { count } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { reportFailure } from "../several/report.ts";
import { selectTargets, type Targets } from "../several/select-targets.ts";
import type { FilesOptions } from "./definition.ts";
import { collectFiles, withdrawAll } from "./offers-of-one.ts";
import { reportOffer } from "./report.ts";

const readsAtOnce = 32;
const widestId = 24;

/** A terminal and its offers. */
interface Read {
  terminal: string;
  location: TerminalLocation;
  offers: OfferStatus[];
}

/** Lists the offers of all selected terminals, or collects or withdraws them. A failure of one does not stop the others. */
export async function filesOfSeveral(options: FilesOptions, context: CommandContext): Promise<void> {
  const { collect, withdraw, reason } = options;
  const { output } = context;
  const selection = await readSelection(options);
  const fleet = await connectToFleet(options, context);
  const targets = await selectTargets(fleet, selection, output);
  const failures: OperatorError[] = [];
  const read = await readAll(fleet, targets, failures, output);
  if (withdraw) await withdrawFrom(read, withdraw, { options, context, fleet, failures });
  else if (collect !== undefined) {
    const uploaded = read.filter(({ offers }) => offers.some(isUploaded));
    if (uploaded.length === 0) output.note(t`No file to collect.`);
    await forEach(uploaded, { context, failures }, ({ terminal, offers }) =>
      collectFiles(join(collect, terminal), { ...context, terminal, offers, fleet, reason }),
    );
  } else await list(read, fleet, output);
  const [first] = failures;
  if (!first) return;
  throw new OperatorError(first.outcome, t`${failures.length} of ${count(targets.size, "terminal")} failed`, {
    remedy: t`Follow the remedy of each, and run this again.`,
  });
}

const isUploaded = ({ state, offer }: OfferStatus) => state === "done" && offer.direction === "upload";

async function readAll(
  { offers }: Fleet,
  targets: Targets,
  failures: OperatorError[],
  output: Output,
): Promise<Read[]> {
  const read = await pMap(
    targets,
    async ([terminal, location]): Promise<Read | undefined> => {
      try {
        return { terminal, location, offers: await offers.list(terminal) };
      } catch (error) {
        if (!(error instanceof OperatorError) || error.outcome !== "failed") throw error;
        failures.push(error);
        reportFailure(terminal, error, output);
        return undefined;
      }
    },
    { concurrency: readsAtOnce },
  );
  return read.filter((one) => one !== undefined);
}

async function list(read: Read[], { files }: Fleet, output: Output): Promise<void> {
  const signer = await files.readSigner();
  const width = Math.min(widestId, Math.max(...read.map(({ terminal }) => terminal.length), 0));
  for (const { terminal, offers } of read) {
    for (const offer of offers) reportOffer(terminal, offer, signer, output, `${terminal.padEnd(width)}  `);
  }
  if (read.every(({ offers }) => offers.length === 0)) {
    output.note(t`No offers: ${count(read.length, "terminal")}.`);
  }
}

async function withdrawFrom(
  read: Read[],
  named: string[],
  work: { options: FilesOptions; context: CommandContext; fleet: Fleet; failures: OperatorError[] },
): Promise<void> {
  const { options, context, fleet } = work;
  const { output, prompt } = context;
  const isWanted = ({ id, offer, state }: OfferStatus) =>
    named.includes(id) || (named.includes(offer.name) && state !== "done");
  const selected = read
    .map((one) => ({ ...one, offers: one.offers.filter(isWanted) }))
    .filter(({ offers }) => offers.length > 0);
  const offers = selected.flatMap((one) => one.offers);
  if (offers.length === 0) {
    output.note(t`No waiting offer has such a name or ID.`);
    return;
  }
  if (!options.yes) {
    const names = [...new Set(offers.map(({ offer }) => offer.name))].join(", ");
    const all = count(offers.length, "offer");
    const from = count(selected.length, "terminal");
    await prompt.confirm(t`Withdraw ${all} of ${names} from ${from}? The files are deleted.`);
  }
  await forEach(selected, work, ({ terminal, location, offers }) =>
    withdrawAll(offers, location.customer ? [location.customer] : [], {
      ...context,
      ...{ terminal, offers, fleet, reason: options.reason },
    }),
  );
}

/** One terminal after another: each change has its own record. */
async function forEach(
  read: Read[],
  { context, failures }: { context: CommandContext; failures: OperatorError[] },
  work: (one: Read) => Promise<void>,
): Promise<void> {
  for (const one of read) {
    if (context.signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    try {
      await work(one);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.outcome !== "failed") throw error;
      failures.push(error);
      reportFailure(one.terminal, error, context.output);
    }
  }
}
