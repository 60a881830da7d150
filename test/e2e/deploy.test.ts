import { copyFileSync } from "node:fs";
import { join } from "node:path";
import {
  AccountSASPermissions,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../sandbox/proxy/proxy-client.ts";
import { startDeployedStack } from "../support/deployed-stack.ts";
import { projectRoot } from "../support/project-root.ts";
import { TestStack } from "../support/test-stack.ts";

/** Number of declared resources. A change of it is for a reviewer to see. */
const resourceCount = 81;

describe.each(["dev", "prod"])("the %s stack, deployed into the sandbox by the real engine,", (name) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start(name);
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  test("previews without a violation, and the preview creates nothing", async () => {
    const { code, output } = await stack.pulumi("preview", "--policy-pack", "policies");
    expect(output).not.toContain("[mandatory]");
    expect(output).toContain("[advisory] [severity: low]  stack-preview-unknown-values");
    expect(output).toContain(`+ ${resourceCount} to create`);
    expect(code).toBe(0);
    expect(stack.sandbox.azure.resources.list("Microsoft.Devices/IotHubs")).toEqual([]);
  });

  test("deploys with the policy pack, and a second deployment changes nothing", async () => {
    const first = await stack.up("--policy-pack", "policies");
    expect(first.output).toMatch(/✅ terminal-fleet/);
    expect(first.output).toContain(`+ ${resourceCount} created`);
    expect(first.code).toBe(0);
    const second = await stack.up("--expect-no-changes", "--policy-pack", "policies");
    expect(second.output).toContain(`${resourceCount} unchanged`);
    expect(second.code).toBe(0);
  });

  test("refreshes without a difference to what was declared", async () => {
    const { code, output } = await stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(output).toContain(`${resourceCount} unchanged`);
    expect(code).toBe(0);
  });

  test("puts the hub and the files in West Europe and the Flow ingress in Norway East", async () => {
    const { resources } = stack.sandbox.azure;
    const where = (type: string) =>
      resources.list(type).map(({ name, location }) => [name.replace(/[^a-z]+.*$/, ""), location]);
    expect(where("Microsoft.Devices/IotHubs")).toEqual([["iot", "westeurope"]]);
    expect(where("Microsoft.ApiManagement/service")).toEqual([["apim", "norwayeast"]]);
    const accounts = resources.list("Microsoft.Storage/storageAccounts");
    expect(accounts.map(({ location }) => location).sort()).toEqual([
      "norwayeast",
      "westeurope",
      "westeurope",
      "westeurope",
    ]);
  });

  test("outputs what the command line reads, and nothing else", async () => {
    const outputs = await stack.outputs();
    expect(Object.keys(outputs).sort()).toEqual([
      "auditContainerUrl",
      "environment",
      "fileRecoveryDays",
      "filesAccountResourceId",
      "filesBlobEndpoint",
      "flowApiResourceId",
      "flowKeysTableEndpoint",
      "flowKeysTableName",
      "flowRegion",
      "flowUrl",
      "hubHostName",
      "hubRegion",
      "hubResourceId",
      "importsAccountResourceId",
      "importsBlobEndpoint",
      "isFilesGeoReplicated",
      "logRetentionDays",
      "operatorsApplicationClientId",
      "operatorsGroupName",
      "subscriptionId",
      "supportContact",
      "tenantId",
    ]);
    expect(outputs.environment).toBe(name);
    expect(outputs.hubHostName).toMatch(/^iot-terminals-(dev|prod)-[a-z0-9]{6}\.azure-devices\.net$/);
  });

  if (name === "dev") {
    test("is destroyed without a rest", async () => {
      const { code, output } = await destroy(stack);
      expect(output).toContain(`- ${resourceCount} deleted`);
      expect(code).toBe(0);
      const left = stack.sandbox.azure.store.db.prepare("SELECT type FROM arm_resources").all();
      // The deployer's own role on the subscription, and what Azure keeps for some time.
      expect(left.map((row) => row.type).sort()).toEqual([
        "microsoft.apimanagement/deletedservices",
        "microsoft.authorization/roleassignments",
        "microsoft.operationalinsights/deletedworkspaces",
        "microsoft.storage/deletedaccounts",
        "microsoft.storage/deletedaccounts",
        "microsoft.storage/deletedaccounts",
        "microsoft.storage/deletedaccounts",
      ]);
    });

    test("is deployed again at once after it was destroyed, and gets none of what Azure kept", async () => {
      const { resources } = stack.sandbox.azure;
      const { code, output } = await stack.up();
      expect(output).toContain(`+ ${resourceCount} created`);
      expect(code).toBe(0);
      expect((await stack.up("--expect-no-changes")).code).toBe(0);
      const type = "Microsoft.OperationalInsights/workspaces";
      const [workspace, ...others] = resources.list(type);
      const kept = resources.list("Microsoft.OperationalInsights/deletedWorkspaces");
      expect(others).toEqual([]);
      expect(kept).toHaveLength(1);
      expect(workspace?.name).toMatch(/^log-terminals-dev-[a-z0-9]{6}$/);
      expect(workspace?.name).not.toBe(kept[0]?.name);
      expect(workspace?.properties.customerId).not.toBe(kept[0]?.softDeleted?.resource.properties.customerId);
    });
  } else {
    test("is protected: destroying it fails and keeps the hub and every storage account with data", async () => {
      const { resources } = stack.sandbox.azure;
      const { code, output } = await destroy(stack);
      expect(output).toMatch(/protected/);
      expect(code).not.toBe(0);
      expect(resources.list("Microsoft.Devices/IotHubs")).toHaveLength(1);
      const accounts = resources.list("Microsoft.Storage/storageAccounts").map(({ name }) => name);
      // The imports account holds no data: it is not protected, and the engine may delete it before it stops.
      expect(accounts.map((name) => name.replace(/prod.*/, ""))).toEqual(
        expect.arrayContaining(["stflowkeys", "staudit", "stfiles"]),
      );
    });
  }
});

test("onboarding with an import job leaves no container in the imports account, and one per terminal in the files account", async () => {
  await using stack = await startDeployedStack();
  // The journal is created beside the batch file.
  const batch = join(stack.folder, "batch.csv");
  copyFileSync(join(projectRoot, "examples", "example-municipality.csv"), batch);
  const { code, output } = await stack.terminals([
    "onboard",
    batch,
    ...["--import", "always", "--yes", "--out", join(stack.folder, "bundles")],
    ...["--recipient", await identityToRecipient(await generateX25519Identity())],
  ]);
  expect(output).toMatch(/onboarded now\s+25/);
  expect(code).toBe(0);
  const { filesAccountResourceId, importsAccountResourceId } = await stack.outputs();
  expect(await containers(stack, importsAccountResourceId)).toEqual([]);
  const files = await containers(stack, filesAccountResourceId);
  expect(files).toHaveLength(25);
  expect(files.filter((name) => name.startsWith("device-import"))).toEqual([]);
});

const destroy = (stack: TestStack) => stack.pulumi("destroy", "--yes", "--skip-preview");

/** The names of an account's containers, listed with one of its keys. */
async function containers({ sandbox }: TestStack, accountId = ""): Promise<string[]> {
  const account = accountId.split("/").at(-1) ?? "";
  const [key] = sandbox.storage.accountKeys.list(accountId);
  const startsOn = new Date(Date.now() - 60_000);
  const sas = generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse("l"),
      services: "b",
      resourceTypes: "s",
      startsOn,
      expiresOn: new Date(startsOn.getTime() + 3_600_000),
    },
    new StorageSharedKeyCredential(account, key?.value ?? ""),
  );
  const listed = await call(sandbox.proxy, `https://${account}.blob.core.windows.net/?comp=list&${sas}`);
  expect(listed.status, listed.body).toBe(200);
  return [...listed.body.matchAll(/<Name>([^<]+)</g)].map((match) => match[1] ?? "");
}
