// Patches Azurite's private classes ContainerHandler and TableHandler, and its generated table mappers, at run time:
// Azurite accepts more than five stored access policies of a container, and requires all fields of a table's policy.
import { loadClass, loadModule, type Method } from "../load-module.ts";

interface BlobContext {
  contextId: string;
}
interface AccessPolicy {
  start?: string;
  expiry?: string;
  permission?: string;
}

/** Maximum number of stored access policies of a container. Source: "Define a stored access policy". */
const maxPolicies = 5;

/** Rejects more than five stored access policies of a container. Azurite itself does this for tables. */
export function limitContainerPolicies(): void {
  const handler = loadClass("blob/handlers/ContainerHandler").prototype;
  const setAccessPolicy: Method = handler.setAccessPolicy;
  handler.setAccessPolicy = async function (
    options: { containerAcl?: unknown[] },
    context: BlobContext,
    ...rest: unknown[]
  ) {
    if ((options.containerAcl?.length ?? 0) > maxPolicies) {
      const message = "XML specified is not syntactically valid.";
      throw new (loadClass("blob/errors/StorageError"))(
        400,
        "InvalidXmlDocument",
        message,
        context.contextId,
      );
    }
    return setAccessPolicy.call(this, options, context, ...rest);
  };
}

/**
 * Allows a table's stored access policy to omit fields, so that the SAS contains them. Azurite itself does this for
 * containers. Source: "Define a stored access policy".
 */
export function allowPartialTablePolicies(): void {
  const mappers = loadModule("table/generated/artifacts/mappers");
  const { start, expiry, permission } = mappers.AccessPolicy.type.modelProperties;
  const { accessPolicy } = mappers.SignedIdentifier.type.modelProperties;
  for (const field of [start, expiry, permission, accessPolicy]) field.required = false;
  const handler = loadClass("table/handlers/TableHandler").prototype;
  const setAccessPolicy: Method = handler.setAccessPolicy;
  handler.setAccessPolicy = function (
    table: string,
    options: { tableAcl?: { accessPolicy?: AccessPolicy }[] },
    ...rest: unknown[]
  ) {
    for (const acl of options.tableAcl ?? []) {
      acl.accessPolicy = { ...acl.accessPolicy, permission: acl.accessPolicy?.permission ?? "" };
    }
    return setAccessPolicy.call(this, table, options, ...rest);
  };
}

/**
 * Reads the stored access policies of containers and tables as Azure does. A policy without fields, `<AccessPolicy/>`, and
 * empty fields are accepted, because the SAS can contain them; Azurite reads an empty element as text and refuses it. Times
 * are kept in UTC with seven digits of a second, whatever ISO 8601 form they were written in. Sources: "Define a stored
 * access policy", "Set Container ACL", "Set Table ACL" and the samples of "Get Container ACL".
 */
export function readPoliciesAsAzure(): void {
  for (const service of ["blob", "table"]) {
    const xml: { parseXML(...args: unknown[]): Promise<unknown> } = loadModule(
      `${service}/generated/utils/xml`,
    );
    const { parseXML } = xml;
    xml.parseXML = async (...args) => {
      const parsed = (await parseXML(...args)) as ParsedPolicies | string | null;
      const found = (typeof parsed === "object" && parsed?.SignedIdentifier) || [];
      for (const identifier of [found].flat()) {
        if (typeof identifier === "object") identifier.AccessPolicy = withFields(identifier.AccessPolicy);
      }
      return parsed;
    };
  }
}

interface ParsedPolicies {
  SignedIdentifier?: ParsedIdentifier | ParsedIdentifier[] | string;
}

interface ParsedIdentifier {
  AccessPolicy?: unknown;
}

/** The fields that have a text. An empty element is an empty text, or white space. */
function withFields(policy: unknown): Record<string, unknown> {
  if (typeof policy !== "object" || policy === null) return {};
  return Object.fromEntries(
    Object.entries(policy)
      .filter(([, value]) => String(value ?? "").trim() !== "")
      .map(([name, value]) => [name, name === "Start" || name === "Expiry" ? inUtc(String(value)) : value]),
  );
}

/** The time in the form of Azure's answers; a text in another form than those of "Set Container ACL" stays. */
function inUtc(text: string): string {
  const [, seconds = "", zone] =
    /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)(?:\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$/i.exec(text.trim()) ?? [];
  const time = Date.parse(`${seconds}${zone ?? ""}`);
  if (Number.isNaN(time) || (zone === undefined && seconds.includes("T"))) return text;
  const digits = /\.(\d+)/.exec(text)?.[1] ?? "";
  return `${new Date(time).toISOString().slice(0, 19)}.${digits.padEnd(7, "0")}Z`;
}
