import pMap from "p-map";
import { readSelection } from "../../arguments/selection.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { digestFile } from "../../file-exchange/block-upload.ts";
import { sendOnce } from "../../file-exchange/many/offer-once.ts";
import { SharedFile } from "../../file-exchange/many/shared-file.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, formatBytes, listNames } from "../../terminal-ui/format.ts";
import { TransferProgress } from "../../terminal-ui/transfer-progress.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { runSeveral } from "../several/run-several.ts";
import { selectTargets } from "../several/select-targets.ts";
import type { SendOptions } from "./definition.ts";

/** A file on this computer, and its name on the terminal. */
export interface OutgoingFile {
  path: string;
  name: string;
  size: number;
}

const maxNamed = 3;

/** Offers files to all selected terminals. Each file's bytes are uploaded once. */
export async function sendToSeveral(
  files: OutgoingFile[],
  options: SendOptions,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const { days, again } = options;
  const names = files.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) throw new OperatorError("usage", t`two of the files have the name ${repeated}`);
  const selection = await readSelection(options);
  const fleet = await connectToFleet(options, context);
  const targets = await selectTargets(fleet, selection, output);
  const read = await pMap(files, async (file) => ({ ...file, digest: await digest(file, context) }), {
    concurrency: 1,
  });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const what = files.length === 1 ? (names[0] as string) : count(files.length, "file");
  let shared: SharedFile[] | undefined;
  await runSeveral(
    targets,
    {
      identity: {
        command: "send",
        hub: fleet.outputs.hubHostName,
        files: read.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
        selection,
        again,
      },
      question: (terminals) => t`Send ${what} (${formatBytes(bytes)}) to ${terminals}?`,
      continuesAfterFailures: !again,
      details: { file: listNames(names, maxNamed) },
      offer: async (terminal, journal) => {
        shared ??= read.map((file) => new SharedFile(file, journal));
        const offers = [];
        for (const file of shared) {
          offers.push(await sendOnce(fleet, terminal, file, journal, { days, signal, again }));
        }
        return offers;
      },
      options,
    },
    { ...context, fleet },
  );
}

async function digest({ path, name, size }: OutgoingFile, { output, signal }: CommandContext) {
  const { json: quiet, stderr: stream } = output;
  const reading = new TransferProgress({ title: t`reading ${name}`, total: size, quiet, stream });
  try {
    return await digestFile(path, reading.add, signal);
  } finally {
    reading.stop();
  }
}
