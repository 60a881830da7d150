import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateTableSas,
  TableClient,
} from "@azure/data-tables";
import type { Check } from "../../check.ts";
import { outcomeOf } from "../../clients/storage.ts";
import { sources } from "../sources.ts";

const section = "storage";
const row = (rowKey: string, more: object = {}) => ({ partitionKey: "p", rowKey, ...more });

/** Tables and rows. */
export const tableChecks: Check[] = [
  {
    id: "storage/table-exists",
    section,
    title: "A table that exists cannot be created again",
    azure: "409 `TableAlreadyExists`.",
    source: sources.tableErrors,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const name = `t${t.name}`;
      await storage.table(name);
      const headers = { accept: "application/json;odata=nometadata" };
      const { bearer, send } = await import("../../clients/http.ts");
      const { authorization } = await bearer(t.target, "https://storage.azure.com/.default");
      const answer = await send(t.target, "POST", `${storage.tableUrl}/Tables`, {
        headers: { ...headers, authorization, "x-ms-version": "2023-11-03" },
        body: { TableName: name },
      });
      t.expect("answer", [answer.status, answer.json?.["odata.error"]?.code], [409, "TableAlreadyExists"]);
    },
  },
  {
    id: "storage/row-exists",
    section,
    title: "A row that exists cannot be inserted again",
    azure: "409 `EntityAlreadyExists`.",
    source: sources.tableErrors,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      await table.createEntity(row("1"));
      const again = outcomeOf(table.createEntity(row("1")));
      t.expect("answer", await again, { status: 409, code: "EntityAlreadyExists" });
    },
  },
  {
    id: "storage/row-missing",
    section,
    title: "A row that does not exist is refused",
    azure: "404 `ResourceNotFound`.",
    source: sources.tableErrors,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      const get = outcomeOf(table.getEntity("p", "missing"));
      t.expect("answer", await get, { status: 404, code: "ResourceNotFound" });
    },
  },
  {
    id: "storage/row-stale-etag",
    section,
    title: "A change of a row with an old ETag is refused",
    azure: "412 `UpdateConditionNotSatisfied`.",
    source: sources.tableErrors,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      const { etag = "" } = await table.createEntity(row("1", { state: "a" }));
      await table.updateEntity(row("1", { state: "b" }), "Replace");
      const update = outcomeOf(table.updateEntity(row("1", { state: "c" }), "Replace", { etag }));
      t.expect("answer", await update, { status: 412, code: "UpdateConditionNotSatisfied" });
    },
  },
  {
    id: "storage/row-conditions",
    section,
    title:
      "A row is deleted with its ETag or with *, a change of a missing row is refused, and an upsert needs neither",
    azure: "412 `UpdateConditionNotSatisfied` for an old ETag, 404 `ResourceNotFound` for a missing row.",
    source: sources.tableErrors,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      const { etag } = await table.createEntity(row("1", { state: "a" }));
      await table.updateEntity(row("1", { state: "b" }), "Replace", { etag: "*" });
      t.expect("deletion with an old ETag", await outcomeOf(table.deleteEntity("p", "1", { etag })), {
        status: 412,
        code: "UpdateConditionNotSatisfied",
      });
      const current = await table.getEntity("p", "1");
      t.expect("the ETag has changed", current.etag !== etag, true);
      const deleted = outcomeOf(table.deleteEntity("p", "1", { etag: current.etag }));
      t.expect("deletion with the current ETag", await deleted, { status: 200, code: null });
      const missing = { status: 404, code: "ResourceNotFound" };
      const change = outcomeOf(table.updateEntity(row("1"), "Merge", { etag: "*" }));
      t.expect("change of a missing row", await change, missing);
      t.expect("deletion of a missing row", await outcomeOf(table.deleteEntity("p", "1")), missing);
      t.expect("upsert", (await outcomeOf(table.upsertEntity(row("1"), "Replace"))).status, 200);
    },
  },
  {
    id: "storage/row-merge",
    section,
    title: "A merge keeps the other members of a row, and a replacement removes them",
    azure: "As the names say.",
    source: sources.tableModel,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      await table.createEntity(row("1", { a: 1, b: 2 }));
      const members = async () => {
        const { a, b, c } = await table.getEntity<Record<string, number>>("p", "1");
        return [a ?? null, b ?? null, c ?? null];
      };
      await table.updateEntity(row("1", { c: 3 }), "Merge");
      t.expect("merge", await members(), [1, 2, 3]);
      await table.updateEntity(row("1", { c: 4 }), "Replace");
      t.expect("replacement", await members(), [null, null, 4]);
    },
  },
  {
    id: "storage/rows-order",
    section,
    title: "A query gives the rows ordered by their keys, and those that its filter names",
    azure: "By partition key, then by row key, as texts.",
    source: sources.tableQuery,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      for (const key of ["2", "10", "1"]) await table.createEntity(row(key, { size: Number(key) }));
      const keys = async (filter?: string) => {
        const found: string[] = [];
        for await (const { rowKey } of table.listEntities({ queryOptions: { filter } })) {
          found.push(rowKey as string);
        }
        return found;
      };
      t.expect("all", await keys(), ["1", "10", "2"]);
      t.expect("by filter", await keys("size gt 1"), ["10", "2"]);
    },
  },
  {
    id: "storage/rows-transaction",
    section,
    title: "A transaction changes all rows or none",
    azure: "409 `EntityAlreadyExists` for one row; the other is not inserted.",
    source: sources.tableTransactions,
    known: "documented",
    async run(t) {
      const table = await (await t.fixture.account()).table(`t${t.name}`);
      await table.createEntity(row("1"));
      const both = outcomeOf(
        table.submitTransaction([
          ["create", row("0")],
          ["create", row("1")],
        ]),
      );
      t.expect("status", (await both).status, 409);
      t.expect("the other row", (await outcomeOf(table.getEntity("p", "0"))).status, 404);
    },
  },
  {
    id: "storage/table-sas",
    section,
    title: "A SAS of a table gives the rights that it names",
    azure: "200 for a query; 403 `AuthorizationPermissionMismatch` for an insertion.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const name = `t${t.name}`;
      await (await storage.table(name)).createEntity(row("1"));
      const sas = generateTableSas(name, new AzureNamedKeyCredential(storage.name, storage.key), {
        permissions: { query: true },
        expiresOn: new Date(t.target.now() + 3_600_000),
      });
      const signed = new TableClient(storage.tableUrl, name, new AzureSASCredential(sas), {
        retryOptions: { maxRetries: 0 },
        ...t.target.clientOptions,
      });
      t.expect("query", await outcomeOf(signed.getEntity("p", "1")), { status: 200, code: null });
      const create = outcomeOf(signed.createEntity(row("2")));
      t.expect("insertion", await create, { status: 403, code: "AuthorizationPermissionMismatch" });
    },
  },
  {
    id: "storage/table-both-planes",
    section,
    title: "Resource Manager shows a table that the table endpoint created",
    azure: "200.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      await storage.table(`t${t.name}`);
      const path = `${storage.id}/tableServices/default/tables/t${t.name}`;
      t.expect("status", (await t.fixture.arm.send("GET", path)).status, 200);
    },
  },
];
