import { t } from "../words/translate.ts";
import { accountNameOf, accountOfContainer, gatewayNameOf, hubNameOf } from "./azure-hosts.ts";
import { parseResourceId } from "./resource-id.ts";

/** The outputs that name hosts, and the resource IDs that these hosts belong to. */
export interface HostOutputs {
  environment: string;
  subscriptionId: string;
  hubHostName: string;
  hubResourceId: string;
  filesAccountResourceId: string;
  filesBlobEndpoint: string;
  importsAccountResourceId: string;
  importsBlobEndpoint: string;
  auditContainerUrl: string;
  flowUrl: string;
  flowApiResourceId: string;
  flowKeysTableEndpoint: string;
}

/** What is wrong with an output. */
export interface HostProblem {
  output: keyof HostOutputs;
  /** Worded to follow the name of the output. */
  problem: string;
}

const storageAccounts = "Microsoft.Storage/storageAccounts";
const resourceTypes = {
  hubResourceId: "Microsoft.Devices/IotHubs",
  filesAccountResourceId: storageAccounts,
  importsAccountResourceId: storageAccounts,
  flowApiResourceId: "Microsoft.ApiManagement/service/apis",
} as const satisfies Partial<Record<keyof HostOutputs, string>>;

/**
 * Checks that each host is Azure's and belongs to the resource ID beside it, and that all resources are in the stack's
 * subscription. Operators' tokens, device keys and files are sent to these hosts, and terminals are told to send their
 * keys to them.
 */
export function findHostProblems(outputs: HostOutputs): HostProblem[] {
  const problems = checkResourceIds(outputs);
  if (problems.length > 0) return problems;
  const nameOf = (id: string) => parseResourceId(id).names[0] as string;
  const check = (output: keyof HostOutputs, named: string | undefined, id: string, expected: string) => {
    if (named?.toLowerCase() === nameOf(id).toLowerCase()) return;
    problems.push({ output, problem: t`must be ${expected}, which belongs to the resource ID beside it` });
  };
  const { hubHostName, hubResourceId, flowUrl, flowApiResourceId } = outputs;
  check("hubHostName", hubNameOf(hubHostName), hubResourceId, `${nameOf(hubResourceId)}.azure-devices.net`);
  const flowHost = `${nameOf(flowApiResourceId)}.azure-api.net`;
  check("flowUrl", gatewayNameOf(flowUrl), flowApiResourceId, `https://${flowHost}/PATH`);
  for (const use of ["files", "imports"] as const) {
    const [output, id] = [`${use}BlobEndpoint`, outputs[`${use}AccountResourceId`]] as const;
    const account = accountNameOf(outputs[output], "blob");
    check(output, account, id, `https://${nameOf(id)}.blob.core.windows.net/`);
  }
  const isSameStack = accountRule(outputs);
  const audit = accountOfContainer(outputs.auditContainerUrl);
  if (!isSameStack(audit, "audit")) {
    const problem = t`must be https://ACCOUNT.blob.core.windows.net/CONTAINER, with the stack's account for the audit log`;
    problems.push({ output: "auditContainerUrl", problem });
  }
  const keyTable = accountNameOf(outputs.flowKeysTableEndpoint, "table");
  if (!isSameStack(keyTable, "flowkeys")) {
    const problem = t`must be https://ACCOUNT.table.core.windows.net/, with the stack's account for the key table`;
    problems.push({ output: "flowKeysTableEndpoint", problem });
  }
  return problems;
}

/**
 * A stack's outputs have no resource ID for two of its accounts. Their names follow the program's rule (components/names.ts):
 * st, the purpose, the environment and the stack's suffix of six characters, as in the name of the files account. Where
 * that name has another form, only the form of the host is checked.
 */
function accountRule({ environment, filesAccountResourceId }: HostOutputs) {
  const files = parseResourceId(filesAccountResourceId).names[0] ?? "";
  const [start, ending] = [`stfiles${environment}`, files.slice(-6)];
  const hasRule = files.startsWith(start) && files.length === start.length + 6;
  return (account: string | undefined, purpose: string): boolean =>
    account !== undefined && (!hasRule || account === `st${purpose}${environment}${ending}`);
}

function checkResourceIds(outputs: HostOutputs): HostProblem[] {
  const problems: HostProblem[] = [];
  for (const [output, type] of Object.entries(resourceTypes) as [keyof typeof resourceTypes, string][]) {
    const id = outputs[output];
    if (!isOfType(id, type)) problems.push({ output, problem: t`must be the resource ID of a ${type}` });
    else if (parseResourceId(id).subscriptionId.toLowerCase() !== outputs.subscriptionId.toLowerCase()) {
      problems.push({ output, problem: t`must be in the subscription of the output subscriptionId` });
    }
  }
  return problems;
}

/** Whether a resource ID has this type, and no character that would end its part of a URL. */
function isOfType(id: string, type: string): boolean {
  const [namespace = "", ...types] = type.split("/");
  const path = types.map((one) => `${one}/[\\w-]+`).join("/");
  const pattern = `^/subscriptions/[\\w-]+/resourceGroups/[\\w.()-]+/providers/${RegExp.escape(namespace)}/${path}$`;
  return new RegExp(pattern, "i").test(id);
}
