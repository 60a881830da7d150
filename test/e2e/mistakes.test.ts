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
 * Mistakes in the program. The policy pack refuses four of them before a deployment. When a mistake is deployed
 * without the pack, it has the same consequence in the sandbox as in Azure.
 */

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const dayMs = 86_400_000;

const mistakes = {
  withoutRegistryRole: {
    file: "components/operator-roles.ts",
    from: `    {
      key: "hub-registry",
      scope: args.hubId,
      role: builtInRoles["IoT Hub Registry Contributor"],
      description: "Makes, changes and deletes the terminals' identities.",
    },
`,
    to: "",
  },
  oldTls: {
    file: "components/storage-account.ts",
    from: 'minimumTlsVersion: "TLS1_2"',
    to: 'minimumTlsVersion: "TLS1_0"',
  },
  otherRegion: {
    file: "components/terminal-hub.ts",
    from: "location: args.location",
    to: 'location: "northeurope"',
  },
  longSasPolicy: {
    file: "components/file-storage.ts",
    from: "sasExpirationDays: fileLifetimeDays",
    to: "sasExpirationDays: 60",
  },
} satisfies Record<string, Change>;

/** The tests run in their order, on one deployed stack. */
let stack: TestStack;
beforeAll(async () => {
  stack = await startDeployedStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** Deploys the program with these mistakes, without the policy pack. @returns The output. */
async function deploy(...changes: Change[]): Promise<string> {
  await stack.useProgram(...changes);
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

/** Lists the containers of the files account with TLS 1.0. */
const listWithOldTls = async () => {
  const oldClient = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  return call(stack.sandbox.proxy, `${(await stack.outputs()).filesBlobEndpoint}?comp=list`, oldClient);
};

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

describe("the preview of a program with four mistakes fails, and the policy pack names", () => {
  let output: string;
  beforeAll(async () => {
    await stack.useProgram(...Object.values(mistakes));
    const preview = await stack.pulumi("preview", "--policy-pack", "policies");
    expect(preview.code).not.toBe(0);
    output = preview.output;
  });
  /** Expects that the rule alone is enough to refuse the deployment. */
  const expectRefused = (rule: string) =>
    expect(output).toMatch(new RegExp(`\\[mandatory\\] \\[severity: \\w+\\]\\s+${rule}\\b`));

  test("the operators' missing role on the hub", () => {
    expectRefused("role-assignment-required");
    expect(output).toContain("IoT Hub Registry Contributor");
  });

  test("the rule about TLS, and each account that accepts TLS 1.0", () => {
    expectRefused("storage-account-minimum-tls");
    expect(output).toContain("files-account");
    expect(output).toContain("flow-keys-account");
  });

  test("the allowed region of the hub", () => {
    expectRefused("resource-region");
    expect(output).toContain("terminals-hub");
    expect(output).toMatch(/westeurope/);
  });

  test("the limit of the SAS policy", () => {
    expectRefused("storage-account-sas-lifetime");
    expect(output).toContain("30");
  });
});

test("without the operators' registry role onboarding exits 3 and names it, and with TLS 1.0 old clients reach the authentication", async () => {
  const refused = await listWithOldTls();
  expect([refused.status, refused.headers["x-ms-error-code"]]).toEqual([400, "TlsVersionNotPermitted"]);
  await deploy(mistakes.withoutRegistryRole, mistakes.oldTls);
  const onboarding = await onboard();
  expect(onboarding.code).toBe(3);
  expect(onboarding.output).toContain("IoT Hub Registry Contributor");
  const accepted = await listWithOldTls();
  expect(accepted.headers["x-ms-error-code"]).not.toBe("TlsVersionNotPermitted");
  expect(accepted.status).toBeGreaterThanOrEqual(401);
});

test("once the role is declared, the onboarding continues", async () => {
  await deploy();
  const completed = await onboard();
  expect(completed.output).toMatch(/onboarded now\s+25/);
  expect(completed.code).toBe(0);
});

test("a hub in North Europe replaces the hub and loses every device identity, and a SAS policy of 60 days accepts a SAS of 45 days", async () => {
  const { resources, store } = stack.sandbox.azure;
  const devices = () => store.db.prepare("SELECT COUNT(*) AS n FROM iothub_devices").get()?.n;
  expect(devices()).toBe(25);
  expect((await listWithSas(30)).status).toBe(200);
  expect((await listWithSas(45)).status).toBe(403);
  expect(await deploy(mistakes.otherRegion, mistakes.longSasPolicy)).toMatch(/terminals-hub.*replaced/);
  const regions = resources.list("Microsoft.Devices/IotHubs").map(({ location }) => location);
  expect(regions).toEqual(["northeurope"]);
  expect(devices()).toBe(0);
  expect((await listWithSas(45)).status).toBe(200);
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
