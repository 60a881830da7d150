import { expect, test } from "vitest";
import {
  exampleApiManagement,
  exampleIotHub,
  exampleStorageAccount,
  filesAccountProperties,
  flowKeysAccountProperties,
} from "./example-resources.ts";
import { deployFleet } from "./fleet.ts";

test("the example resources have the settings that the program declares", async () => {
  await using fleet = await deployFleet({ tier: "S1" });
  const { outputs, azure } = fleet;
  const expectLike = (id: string, example: ReturnType<typeof exampleIotHub>) => {
    const { id: _id, name: _name, ...settings } = example;
    expect(azure.resources.get(id)).toMatchObject(settings);
  };
  expectLike(outputs.hubResourceId, exampleIotHub("s", "hub"));
  expectLike(outputs.filesAccountResourceId, exampleStorageAccount("s", "files", filesAccountProperties));
  const [keysAccount = ""] = fleet.hosts.flowKeys.split(".");
  const keys = azure.resources.named("Microsoft.Storage/storageAccounts", keysAccount);
  expectLike(keys?.id ?? "", exampleStorageAccount("s", "keys", flowKeysAccountProperties, "norwayeast"));
  const service = outputs.flowApiResourceId.replace(/\/apis\/.*/, "");
  expectLike(service, exampleApiManagement("s", "flow"));
});
