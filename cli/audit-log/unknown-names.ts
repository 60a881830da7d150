import { NearestNames } from "../lib/nearest-names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { ChangeFilter } from "./change-collector.ts";
import type { AuditReader } from "./log-reader.ts";
import type { ChangeRecord } from "./record.ts";

/**
 * Explains that no change in the whole log names a customer or a terminal, with the nearest names that the log has. It is
 * called only when a filter selected nothing.
 * @returns Undefined when the log names them.
 */
export async function findUnknownName(
  reader: Pick<AuditReader, "records">,
  { customer, terminal }: Pick<ChangeFilter, "customer" | "terminal">,
): Promise<OperatorError | undefined> {
  const wanted = [
    {
      code: "NoSuchCustomer",
      name: customer,
      namesOf: customersOf,
      message: () => t`no customer ${customer ?? ""} in the audit log`,
      none: () => t`it names no customer yet`,
    },
    {
      code: "NoSuchTerminal",
      name: terminal,
      namesOf: terminalsOf,
      message: () => t`no terminal ${terminal ?? ""} in the audit log`,
      none: () => t`it names no terminal yet`,
    },
  ].flatMap(({ name, ...one }) =>
    name === undefined ? [] : [{ ...one, name, nearest: new NearestNames(name), isKnown: false }],
  );
  if (wanted.length === 0) return undefined;
  for await (const record of reader.records()) {
    for (const one of wanted) {
      for (const name of one.namesOf(record)) {
        one.isKnown ||= name === one.name;
        one.nearest.add(name);
      }
    }
    if (wanted.every(({ isKnown }) => isKnown)) return undefined;
  }
  const unknown = wanted.find(({ isKnown }) => !isKnown);
  if (!unknown) return undefined;
  const { code, message, none, nearest } = unknown;
  return new OperatorError("failed", message() + nearest.suggestion({ none: none() }), {
    code,
    remedy: t`\`npx terminals list\` lists the terminals with their customers and sites.`,
  });
}

function customersOf(record: ChangeRecord): string[] {
  if (!("about" in record)) return [];
  const { customer, customers = [] } = record.about;
  return customer === undefined ? customers : [customer, ...customers];
}

function terminalsOf(record: ChangeRecord): string[] {
  if ("about" in record) return record.about.terminals ?? [];
  const failed = record.stage === "after" ? (record.failed ?? []) : [];
  return [...record.terminals, ...failed.map(({ terminal }) => terminal)];
}
