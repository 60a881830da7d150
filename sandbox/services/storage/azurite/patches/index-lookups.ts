// Patches the class Resultset of LokiJS, Azurite's database, at run time: it uses the index of the first field in a query
// only, and Azurite's queries begin with the account. Each call searches all records of the account, which is a hundred
// times slower with 10,000 rows in a partition.
import { createRequire } from "node:module";

/** Fields of Azurite's records with many distinct values, the most selective one first. */
const selectiveFields = ["RowKey", "name", "blobName", "containerName", "PartitionKey"];

/** Reorders the fields of each query, so that LokiJS uses the index of the most selective one. */
export function patchLookups(): void {
  const require = createRequire(import.meta.url);
  const Loki = createRequire(require.resolve("azurite/package.json"))("lokijs");
  const find = Loki.Resultset.prototype.find;
  Loki.Resultset.prototype.find = function (query: unknown, firstOnly?: boolean) {
    return find.call(this, isConjunction(query) ? orderBySelectivity(query) : query, firstOnly);
  };
}

type Conjunction = Record<string, unknown>;

function isConjunction(query: unknown): query is Conjunction {
  if (typeof query !== "object" || query === null) return false;
  const fields = Object.keys(query);
  return fields.length > 1 && fields.every((field) => !field.startsWith("$"));
}

function orderBySelectivity(query: Conjunction): Conjunction {
  // A range, for example all names after a given one, is not more selective than the account.
  const rank = (field: string) => {
    const index = selectiveFields.indexOf(field);
    return index < 0 || typeof query[field] === "object" ? selectiveFields.length : index;
  };
  return Object.fromEntries(Object.entries(query).toSorted(([a], [b]) => rank(a) - rank(b)));
}
