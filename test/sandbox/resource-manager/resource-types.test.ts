import { afterAll, beforeAll, expect, test } from "vitest";
import { hub, startTypes, type Types } from "./arm-harness.ts";

let engine: Types;

const create: Types["create"] = (token, inputs) => engine.create(token, inputs);

beforeAll(async () => {
  engine = await startTypes();
});
afterAll(() => engine.close());

test("a resource with another API version is refused", async () => {
  const inputs = { resourceName: "versioned", sku: { name: "S1" }, azureApiVersion: "1999-01-01" };
  await expect(create(hub, inputs)).rejects.toThrow("API version 2023-06-30 only");
});

test.each(["a", "-logs", "logs-", "a".repeat(64)])(
  "the workspace name %s is refused",
  async (workspaceName) => {
    await expect(create("azure-native:operationalinsights:Workspace", { workspaceName })).rejects.toThrow(
      "InvalidResourceName",
    );
  },
);

test.each([29, 731])("a workspace with a retention of %d days is refused", async (retentionInDays) => {
  await expect(
    create("azure-native:operationalinsights:Workspace", { workspaceName: "days", retentionInDays }),
  ).rejects.toThrow("RetentionInDays");
});

test.each(["group.", "a/b", "a".repeat(91)])("the resource group name %s is refused", async (name) => {
  await expect(
    engine.native.create("azure-native:resources:ResourceGroup", "x", {
      resourceGroupName: name,
      location: "westeurope",
    }),
  ).rejects.toThrow(/InvalidResourceGroup|NotInSandbox/);
});
