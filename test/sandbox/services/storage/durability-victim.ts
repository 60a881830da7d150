import {
  filesAccount,
  filesProperties,
  flow,
  flowProperties,
  roleNames,
  StorageCloud,
} from "./storage-cloud.ts";

// A sandbox in a process of its own, to be killed the moment it says that everything was answered.
const azure = await StorageCloud.open(process.argv[2]!);
azure.deploy(filesAccount, filesProperties);
azure.deploy(flow, flowProperties);
const person = azure.person({ role: roleNames.tableContributor, scope: azure.accountId(flow) });
const rows = azure.table(flow, "terminalkeys", person.credential);
await rows.createTable();
azure.deploy("examplegone", filesProperties);
await azure.blobs("examplegone").getContainerClient("left").create();
azure.azure.resources.delete(azure.accountId("examplegone"));
const numbers = Array.from({ length: 20 }, (_, i) => i);
const containers = numbers.map((i) => azure.blobs(filesAccount).getContainerClient(`t-${i}`));
for (const container of containers) {
  await container.create();
  await container.getBlockBlobClient("menu.txt").upload("hello", 5);
}
// All at once, so that the last are answered a moment before the end.
await Promise.all([
  ...containers.map((container) =>
    container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy: { permissions: "r" } as never }]),
  ),
  ...numbers.map((i) => rows.createEntity({ partitionKey: "example", rowKey: `t-${i}`, status: "active" })),
]);
process.send!("written");
