import type { AuditReader } from "../audit-log/log-reader.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { Fleet } from "./fleet.ts";
import { parseResourceId } from "./resource-id.ts";

/** A role of the operators on one resource, and whether the signed-in account can use it. */
export interface RoleCheck {
  /** Name of the built-in role, or what the stack's own role is for. */
  role: string;
  /** Name of the resource. */
  resource: string;
  /** "unknown": the service did not answer. */
  state: "present" | "missing" | "unknown";
  /** Why the role is missing, with the remedy, or why the service did not answer. */
  error?: OperatorError;
}

/** Name of a device, customer and row that do not exist: what is read there is only whether reading is allowed. */
const absent = "whoami-check";

/**
 * Checks each role of the operators with one call that needs it and changes nothing. A caller needs no right to read role
 * assignments for that, and roles through groups, or at a wider scope, count as Azure counts them.
 * @param readerError Why the IoT Hub could not be read when the fleet was connected; undefined when it could.
 */
export async function checkRoles(fleet: Fleet, readerError: OperatorError | undefined): Promise<RoleCheck[]> {
  const { outputs, registry, twins, importJobs, files, imports, flowKeys, customers, audit } = fleet;
  const hub = nameOf(outputs.hubResourceId);
  const keyOperator = "Storage Account Key Operator Service Role";
  const read = readerError ? () => Promise.reject(readerError) : async () => {};
  const checks: [role: string, resource: string, call: () => Promise<unknown>][] = [
    ["Reader", hub, read],
    ["IoT Hub Registry Contributor", hub, () => registry.get(absent)],
    ["IoT Hub Twin Contributor", hub, () => twins.get(absent)],
    [t`import jobs of the IoT Hub (role-terminal-importer)`, hub, () => importJobs.isBusy()],
    [keyOperator, nameOf(outputs.filesAccountResourceId), () => files.readSigner()],
    [keyOperator, nameOf(outputs.importsAccountResourceId), () => imports.serviceClient()],
    ["Storage Table Data Contributor", tableOf(outputs), () => flowKeys.read(absent, absent)],
    [
      t`customers' subscriptions (role-flow-keys-operator)`,
      nameOf(outputs.flowApiResourceId),
      () => customers.has(absent),
    ],
    [t`audit log (role-audit-recorder)`, containerOf(outputs), () => readFirst(audit.reader)],
  ];
  return Promise.all(
    checks.map(async ([role, resource, call]) => ({ role, resource, ...(await tryCall(call)) })),
  );
}

async function tryCall(call: () => Promise<unknown>): Promise<Pick<RoleCheck, "state" | "error">> {
  try {
    await call();
    return { state: "present" };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    // Only a missing role has a remedy that grants it.
    return { state: error.outcome === "notAllowed" ? "missing" : "unknown", error };
  }
}

/** Reads the first record of this month, if there is one. */
async function readFirst(reader: AuditReader): Promise<void> {
  for await (const _ of reader.records(new Date())) return;
}

const nameOf = (resourceId: string) => parseResourceId(resourceId).names[0] as string;
const tableOf = ({ flowKeysTableEndpoint, flowKeysTableName }: Fleet["outputs"]) =>
  `${new URL(flowKeysTableEndpoint).hostname.split(".")[0]}/${flowKeysTableName}`;
const containerOf = ({ auditContainerUrl }: Fleet["outputs"]) => {
  const { hostname, pathname } = new URL(auditContainerUrl);
  return hostname.split(".")[0] + pathname;
};
