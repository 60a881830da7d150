import { parseArgs } from "node:util";
import type { Check } from "./check.ts";
import { checks } from "./checks/index.ts";

export const usage = `Usage: npm run conformance -- [options]

Compares what a target does with what Azure is known to do, and writes a transcript.

  --target sandbox|azure  default sandbox: a new one in this process, which costs nothing
  --subscription ID       of Azure; default: the variable AZURE_SUBSCRIPTION_ID
  --region REGION         of the resources; default westeurope
  --only TEXT             run the checks whose ID contains the text; can be repeated
  --yes                   do not ask before resources that cost money are created
  --out FOLDER            folder of the transcript; default .conformance
  --compare FILE          compare this run with the transcript FILE; given twice: compare both files, without a run
  --clean-up RUN          delete what a killed run left in Azure
  --list                  list the checks
  --help                  show this text`;

export interface Options {
  target: "sandbox" | "azure";
  /** Set when the target is Azure. */
  subscriptionId?: string;
  region: string;
  checks: readonly Check[];
  isYes: boolean;
  out: string;
  compare: string[];
  /** The ID of a run. */
  cleanUp?: string;
  wantsList: boolean;
  wantsHelp: boolean;
}

/** Reads the command line. @throws Error that names the wrong option. */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string", default: "sandbox" },
      subscription: { type: "string" },
      region: { type: "string", default: "westeurope" },
      only: { type: "string", multiple: true, default: [] },
      yes: { type: "boolean", default: false },
      out: { type: "string", default: ".conformance" },
      compare: { type: "string", multiple: true, default: [] },
      "clean-up": { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { target, region, only, compare } = values;
  if (target !== "sandbox" && target !== "azure") throw new Error("--target is sandbox or azure");
  if (!/^[a-z0-9]+$/.test(region))
    throw new Error("--region is the name of a region, for example westeurope");
  if (compare.length > 2) throw new Error("--compare is given once or twice");
  const cleanUp = values["clean-up"];
  if (cleanUp !== undefined && !/^[0-9a-f]{8}$/.test(cleanUp)) {
    throw new Error("--clean-up needs the ID of a run: the 8 digits at the end of its resource group's name");
  }
  if (cleanUp !== undefined && target !== "azure") throw new Error("--clean-up needs --target azure");
  const subscriptionId = values.subscription ?? environment.AZURE_SUBSCRIPTION_ID;
  const needsSubscription = target === "azure" && !values.help && !values.list && compare.length < 2;
  if (needsSubscription && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(subscriptionId ?? "")) {
    throw new Error("--target azure needs the ID of a subscription: --subscription ID");
  }
  const chosen = checks.filter(({ id }) => only.length === 0 || only.some((text) => id.includes(text)));
  if (chosen.length === 0) throw new Error(`no check has an ID that contains ${only.join(" or ")}`);
  return {
    target,
    subscriptionId,
    region,
    checks: chosen,
    isYes: values.yes,
    out: values.out,
    compare,
    cleanUp,
    wantsList: values.list,
    wantsHelp: values.help,
  };
}

/** The command that deletes what a run left in Azure. */
export function cleanUpCommand({ subscriptionId, region }: Options, runId: string): string {
  return `npm run conformance -- --target azure --subscription ${subscriptionId} --region ${region} --clean-up ${runId}`;
}
