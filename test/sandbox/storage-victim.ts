import { FILES, FILES_PROPERTIES, FLOW, FLOW_PROPERTIES, ROLES, StorageCloud } from "./storage-cloud.ts";

// A sandbox in a process of its own, to be killed the moment it says that everything was answered.
const azure = await StorageCloud.open(process.argv[2]!);
azure.deploy(FILES, FILES_PROPERTIES);
azure.deploy(FLOW, FLOW_PROPERTIES);
const person = azure.person({ role: ROLES.tableContributor, scope: azure.accountId(FLOW) });
const rows = azure.table(FLOW, "terminalkeys", person.credential);
await rows.createTable();
for (let i = 0; i < 20; i++) {
  const container = azure.blobs(FILES).getContainerClient(`t-${i}`);
  await container.create();
  await container.getBlockBlobClient("menu.txt").upload("hello", 5);
  const accessPolicy = { permissions: "r" } as never;
  await container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy }]);
  await rows.createEntity({ partitionKey: "example", rowKey: `t-${i}`, status: "active" });
}
azure.deploy("examplegone", FILES_PROPERTIES);
await azure.blobs("examplegone").getContainerClient("left").create();
azure.cloud.resources.delete(azure.accountId("examplegone"));
process.send!("written");
