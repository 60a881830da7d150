import { connectAsCaller, stackNameOf } from "../../arguments/stack-connection.ts";
import { checkRoles, type RoleCheck } from "../../azure/operator-rights.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, formatTable } from "../../terminal-ui/format.ts";
import { errorValue } from "../../terminal-ui/output.ts";
import { plural, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { WhoamiOptions } from "./definition.ts";

const stateWords = (): Record<RoleCheck["state"], string> => ({
  present: t`present`,
  missing: t`missing`.toUpperCase(),
  unknown: t`not known`,
});

/**
 * `whoami`: shows the signed-in account, the stack, and which roles of the operators the account has.
 * @throws OperatorError when a role is missing, or a service did not answer.
 */
export async function run(options: WhoamiOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const { fleet, account, readerError } = await connectAsCaller(options, context);
  const { environment, tenantId, subscriptionId, hubHostName, operatorsGroupName } = fleet.outputs;
  const roles = await checkRoles(fleet, readerError);
  const { name, appId, objectId } = account;
  output.result(
    "whoami",
    {
      account,
      stack: {
        name: stackNameOf(options),
        outputs: options.outputs,
        environment,
        tenantId,
        subscriptionId,
        hubHostName,
      },
      operatorsGroup: operatorsGroupName,
      roles: roles.map(({ error, ...role }) => (error ? { ...role, error: errorValue(error) } : role)),
    },
    [
      ...formatTable([
        [t`signed in as`, name ?? (appId ? t`application ${appId}` : objectId)],
        [t`object ID`, objectId],
        [t`stack`, stackNameOf(options) ?? t`outputs in ${options.outputs ?? ""}`],
        [t`environment`, environment],
        [t`tenant`, tenantId],
        [t`subscription`, subscriptionId],
        [t`IoT Hub`, hubHostName],
        [t`operators' group`, operatorsGroupName],
      ]),
      "",
      ...roleTable(roles),
    ],
  );
  const missing = roles.filter(({ state }) => state === "missing");
  const unknown = roles.filter(({ state }) => state === "unknown");
  for (const { error } of unknown) if (error) output.warning(error.message);
  const [first] = missing;
  if (first) {
    const message = plural(missing.length, {
      one: t`1 of ${count(roles.length, "role")} is missing`,
      other: t`${missing.length} of ${count(roles.length, "role")} are missing`,
    });
    const remedy = missing.length === 1 ? first.error?.remedyLines : joinRemedy(operatorsGroupName, objectId);
    throw new OperatorError("notAllowed", message, { remedy });
  }
  if (unknown[0]?.error) throw unknown[0].error;
}

function joinRemedy(group: string, objectId: string): string[] {
  return [
    t`Members of the group "${group}" have all of them. An administrator adds you:`,
    `  az ad group member add --group ${JSON.stringify(group)} --member-id ${objectId}`,
    t`It takes about half a minute to take effect. Then sign in again.`,
  ];
}

function roleTable(roles: RoleCheck[]): string[] {
  const width = (texts: string[]) => Math.max(...texts.map((text) => text.length));
  const words = stateWords();
  const states = width(Object.values(words));
  const names = width(roles.map(({ role }) => role));
  return roles.map(
    ({ state, role, resource }) => `  ${words[state].padEnd(states)}  ${role.padEnd(names)}  ${resource}`,
  );
}
