import {
  filesAccount,
  filesProperties,
  flowAccount,
  flowProperties,
  roleNames,
  TestStorage,
} from "../test-storage.ts";

// A storage in a process of its own. The test kills it as soon as it reports that every call has been answered.
const azure = await TestStorage.open(process.argv[2]!);
azure.deploy(filesAccount, filesProperties);
azure.deploy(flowAccount, flowProperties);
const principal = azure.createPrincipal({
  role: roleNames.tableContributor,
  scope: azure.accountId(flowAccount),
});
const rows = azure.table(flowAccount, "terminalkeys", principal.credential);
await rows.createTable();
azure.deploy("examplegone", filesProperties);
await azure.blobs("examplegone").getContainerClient("remaining").create();
azure.azure.resources.delete(azure.accountId("examplegone"));
const numbers = Array.from({ length: 20 }, (_, i) => i);
const containers = numbers.map((i) => azure.blobs(filesAccount).getContainerClient(`t-${i}`));
for (const container of containers) {
  await container.create();
  await container.getBlockBlobClient("menu.txt").upload("hello", 5);
}
// Concurrent calls, so that the last ones are answered just before the process is killed.
await Promise.all([
  ...containers.map((container) =>
    container.setAccessPolicy(undefined, [{ id: "terminal", accessPolicy: { permissions: "r" } as never }]),
  ),
  ...numbers.map((i) => rows.createEntity({ partitionKey: "example", rowKey: `t-${i}`, status: "active" })),
]);
process.send!("written");
