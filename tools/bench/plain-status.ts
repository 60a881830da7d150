import { plainClients } from "./plain-clients.ts";

/*
 * What `status` is measured against: the same looks as a plain script with the official SDKs, one terminal and one call
 * at a time. plain-status.ts OUTPUTS CUSTOMER PREFIX COUNT
 */
const [outputsFile = "", customer = "", prefix = "", count = ""] = process.argv.slice(2);
const { blobs, table, registry } = await plainClients(outputsFile);

for (let number = 0; number < Number(count); number++) {
  const id = `${prefix}-${number}`;
  const { responseBody: twin } = await registry.getTwin(id);
  const row = await table.getEntity(customer, id);
  const hasContainer = await blobs.getContainerClient(id).exists();
  const { connectionState, status } = twin as unknown as Record<string, string>;
  process.stdout.write(
    `${JSON.stringify({ id, status, connectionState, flow: row.status, hasContainer })}\n`,
  );
}
