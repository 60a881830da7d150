import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter } from "age-encryption";
import { plainClients } from "./plain-clients.ts";

/*
 * What onboarding is measured against: the same work, written as a plain script with the official SDKs, one terminal
 * and one call at a time. plain-onboarding.ts OUTPUTS FOLDER RECIPIENT PREFIX COUNT
 */
const [outputsFile = "", folder = "", recipient = "", prefix = "", count = ""] = process.argv.slice(2);
const { blobs, table, registry } = await plainClients(outputsFile);
const customer = "plain-customer";
const site = "Site 1";

const sealing = new Encrypter();
sealing.addRecipient(recipient);
const mint = () => randomBytes(32).toString("base64");

for (let number = 0; number < Number(count); number++) {
  const id = `${prefix}-${number}`;
  const [primaryKey, secondaryKey, flowKey] = [mint(), mint(), mint()];
  await registry.create({
    deviceId: id,
    status: "enabled",
    authentication: { type: "sas", symmetricKey: { primaryKey, secondaryKey } },
  });
  await registry.updateTwin(id, { tags: { customer, site } }, "*");
  const container = blobs.getContainerClient(id);
  await container.create();
  await container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy: {} }]);
  await table.createEntity({
    partitionKey: customer,
    rowKey: id,
    currentKeySha256: createHash("sha256").update(flowKey).digest("base64"),
    previousKeySha256: "",
    status: "active",
    site,
    keyCreatedAt: new Date().toISOString(),
  });
  const handover = { terminalId: id, customer, site, primaryKey, flowKey };
  writeFileSync(join(folder, `${id}.age`), await sealing.encrypt(JSON.stringify(handover)), { mode: 0o600 });
}
