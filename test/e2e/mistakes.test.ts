import { copyFileSync } from "node:fs";
import { join } from "node:path";
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setApiChangeTime } from "../../sandbox/services/api-management/api-lock.ts";
import { call } from "../sandbox/proxy/proxy-client.ts";
import { startDeployedStack } from "../support/deployed-stack.ts";
import type { Change } from "../support/program-copy.ts";
import { projectRoot } from "../support/project-root.ts";
import { TestStack } from "../support/test-stack.ts";

/*
 * Mistakes in the program. The policy pack refuses the first four before a deployment. When a mistake is deployed
 * without the pack, it has the same consequence in the sandbox as in Azure.
 */

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const dayMs = 86_400_000;

let stack: TestStack;
/** Gives the tests of one mistake a deployed stack of their own. */
function useDeployedStack(): void {
  beforeAll(async () => {
    stack = await startDeployedStack();
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());
}

/** Previews the program with a mistake and the policy pack, which must fail. @returns The output. */
async function previewRefused(mistake: Change): Promise<string> {
  await stack.useProgram(mistake);
  const { code, output } = await stack.pulumi("preview", "--policy-pack", "policies");
  expect(code).not.toBe(0);
  return output;
}

/** Deploys the program with these mistakes, without the policy pack. @returns The output. */
async function deploy(...mistakes: Change[]): Promise<string> {
  await stack.useProgram(...mistakes);
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
  return output;
}

function onboard() {
  // The journal is created beside the batch file.
  const batch = join(stack.folder, "batch.csv");
  copyFileSync(join(projectRoot, "examples", "example-municipality.csv"), batch);
  const out = join(stack.folder, "bundles");
  return stack.terminals(["onboard", batch, "--out", out, "--recipient", recipient, "--yes"]);
}

describe("without the operators' registry role on the hub,", () => {
  const mistake = {
    file: "components/operator-roles.ts",
    from: `    {
      key: "hub-registry",
      scope: args.hubId,
      role: builtInRoles["IoT Hub Registry Contributor"],
      description: "Makes, changes and deletes the terminals' identities.",
    },
`,
    to: "",
  };
  useDeployedStack();

  test("the policy pack names the missing role", async () => {
    const output = await previewRefused(mistake);
    expect(output).toContain("role-assignment-required");
    expect(output).toContain("IoT Hub Registry Contributor");
  });

  test("onboarding exits 3 and names the missing role, and continues once the role is declared", async () => {
    await deploy(mistake);
    const refused = await onboard();
    expect(refused.code).toBe(3);
    expect(refused.output).toContain("IoT Hub Registry Contributor");
    await deploy();
    const completed = await onboard();
    expect(completed.output).toMatch(/onboarded now\s+25/);
    expect(completed.code).toBe(0);
  });
});

describe("with storage accounts that accept TLS 1.0,", () => {
  const mistake = {
    file: "components/storage-account.ts",
    from: 'minimumTlsVersion: "TLS1_2"',
    to: 'minimumTlsVersion: "TLS1_0"',
  };
  const oldClient = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const listContainers = async () =>
    call(stack.sandbox.proxy, `${(await stack.outputs()).filesBlobEndpoint}?comp=list`, oldClient);
  useDeployedStack();

  test("the policy pack names the rule and each account", async () => {
    const output = await previewRefused(mistake);
    expect(output).toContain("storage-account-minimum-tls");
    expect(output).toContain("files-account");
    expect(output).toContain("flow-keys-account");
  });

  test("a client with TLS 1.0 reaches the authentication, and as declared it is refused", async () => {
    const refused = await listContainers();
    expect([refused.status, refused.headers["x-ms-error-code"]]).toEqual([400, "TlsVersionNotPermitted"]);
    await deploy(mistake);
    const accepted = await listContainers();
    expect(accepted.headers["x-ms-error-code"]).not.toBe("TlsVersionNotPermitted");
    expect(accepted.status).toBeGreaterThanOrEqual(401);
  });
});

describe("with the hub in North Europe,", () => {
  const mistake = {
    file: "components/terminal-hub.ts",
    from: "location: args.location",
    to: 'location: "northeurope"',
  };
  useDeployedStack();

  test("the policy pack names the allowed region", async () => {
    const output = await previewRefused(mistake);
    expect(output).toContain("resource-region");
    expect(output).toContain("terminals-hub");
    expect(output).toMatch(/westeurope/);
  });

  test("the hub is replaced, and every device identity in it is lost", async () => {
    expect((await onboard()).code).toBe(0);
    const { resources, store } = stack.sandbox.azure;
    const devices = () => store.db.prepare("SELECT COUNT(*) AS n FROM iothub_devices").get()?.n;
    expect(devices()).toBe(25);
    expect(await deploy(mistake)).toMatch(/terminals-hub.*replaced/);
    const regions = resources.list("Microsoft.Devices/IotHubs").map(({ location }) => location);
    expect(regions).toEqual(["northeurope"]);
    expect(devices()).toBe(0);
  });
});

describe("with a SAS policy of 60 days,", () => {
  const mistake = {
    file: "components/file-storage.ts",
    from: "sasExpirationDays: fileLifetimeDays",
    to: "sasExpirationDays: 60",
  };
  useDeployedStack();

  /** Lists a container's blobs with a SAS that is valid for so many days and has no stored access policy. */
  async function listWithSas(days: number) {
    const account = (await stack.outputs()).filesAccountResourceId ?? "";
    const name = account.split("/").at(-1) ?? "";
    const [key] = stack.sandbox.storage.accountKeys.list(account);
    const startsOn = new Date(Date.now() - 60_000);
    const sas = generateBlobSASQueryParameters(
      {
        containerName: "example-hall-01",
        permissions: ContainerSASPermissions.parse("l"),
        startsOn,
        expiresOn: new Date(startsOn.getTime() + days * dayMs),
      },
      new StorageSharedKeyCredential(name, key?.value ?? ""),
    );
    const url = `https://${name}.blob.core.windows.net/example-hall-01`;
    return call(stack.sandbox.proxy, `${url}?restype=container&comp=list&${sas}`);
  }

  test("the policy pack names the limit", async () => {
    const output = await previewRefused(mistake);
    expect(output).toContain("storage-account-sas-lifetime");
    expect(output).toContain("30");
  });

  test("a SAS of 45 days is accepted, and as declared it is refused", async () => {
    expect((await onboard()).code).toBe(0);
    expect((await listWithSas(30)).status).toBe(200);
    expect((await listWithSas(45)).status).toBe(403);
    await deploy(mistake);
    expect((await listWithSas(45)).status).toBe(200);
  });
});

test("with two operations of an API at the same time, a deployment fails, and as declared it continues", async () => {
  await using fresh = await TestStack.start();
  // As slow as in Azure, so that the second change comes during the first one on a busy machine too.
  setApiChangeTime(fresh.sandbox.azure, 5_000);
  await fresh.useProgram({
    file: "components/flow-ingress.ts",
    from: "previous = apiOperation(",
    to: "apiOperation(",
  });
  const refused = await fresh.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("PessimisticConcurrencyConflict");
  setApiChangeTime(fresh.sandbox.azure, 100);
  await fresh.useProgram();
  const { code, output } = await fresh.up();
  expect(code, output).toBe(0);
});
