import { join } from "node:path";
import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { call } from "../sandbox/proxy/proxy-client.ts";
import { type Mistake, TestStack } from "../support/stack.ts";

/*
 * Four mistakes in the program. Each is refused by the policy pack before anything is deployed; and deployed
 * without the pack, it has in the sandbox the consequence that it would have in Azure.
 */

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const dayMs = 86_400_000;

const mistakes = {
  roleTakenAway: {
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
  hubElsewhere: {
    file: "components/terminal-hub.ts",
    from: "location: args.location",
    to: 'location: "northeurope"',
  },
  longSas: {
    file: "components/file-storage.ts",
    from: "sasExpirationDays: fileLifetimeDays",
    to: "sasExpirationDays: 60",
  },
} satisfies Record<string, Mistake>;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
  expect((await stack.up()).output).toContain("created");
  await stack.joinOperators();
});
afterAll(() => stack.stop());

/** Previews the program with one mistake and the pack, and returns what was said; it must fail. */
async function refusal(mistake: Mistake): Promise<string> {
  await stack.useProgram([mistake]);
  const { code, output } = await stack.pulumi(["preview", "--policy-pack", "policies"]);
  expect(code).not.toBe(0);
  return output;
}

/** Deploys the program with the mistake, or without one, and with the pack off. */
async function deploy(...made: Mistake[]): Promise<void> {
  await stack.useProgram(made);
  const { code, output } = await stack.up();
  expect(code, output).toBe(0);
}

function onboard() {
  const out = join(stack.folder, "hand-overs");
  return stack.terminals([
    "onboard",
    "examples/example-municipality.csv",
    "--out",
    out,
    "--recipient",
    recipient,
    "--yes",
  ]);
}

describe("taking away the role that onboarding needs on the hub", () => {
  beforeEach(() => deploy());

  test("the pack names what is missing", async () => {
    const said = await refusal(mistakes.roleTakenAway);
    expect(said).toContain("role-assignment-required");
    expect(said).toContain("IoT Hub Registry Contributor");
  });

  test("without the pack, onboarding is refused and says which role is missing", async () => {
    await deploy(mistakes.roleTakenAway);
    const refused = await onboard();
    expect(refused.code).toBe(3);
    expect(refused.output).toContain("IoT Hub Registry Contributor");
    await deploy();
    const done = await onboard();
    expect(done.output).toMatch(/onboarded now\s+25/);
    expect(done.code).toBe(0);
  });
});

describe("a storage account that takes TLS 1.0", () => {
  const oldClient = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const ask = async () =>
    call(stack.sandbox.proxy, `${(await stack.outputs()).filesBlobEndpoint}?comp=list`, oldClient);
  beforeEach(() => deploy());

  test("the pack names the account, the rule and the remedy", async () => {
    const said = await refusal(mistakes.oldTls);
    expect(said).toContain("storage-account-minimum-tls");
    expect(said).toContain("files-account");
    expect(said).toContain("flow-keys-account");
  });

  test("as declared, a client with TLS 1.0 is told so; with the mistake, it gets through to the sign-in", async () => {
    const told = await ask();
    expect([told.status, told.headers["x-ms-error-code"]]).toEqual([400, "TlsVersionNotPermitted"]);
    await deploy(mistakes.oldTls);
    const through = await ask();
    expect(through.headers["x-ms-error-code"]).not.toBe("TlsVersionNotPermitted");
    expect(through.status).toBeGreaterThanOrEqual(401);
  });
});

describe("the hub in North Europe", () => {
  beforeEach(() => deploy());

  test("the pack names the region that is allowed", async () => {
    const said = await refusal(mistakes.hubElsewhere);
    expect(said).toContain("resource-region");
    expect(said).toContain("terminals-hub");
    expect(said).toMatch(/westeurope/);
  });

  test("without the pack the hub is made anew there, and every identity in it is lost", async () => {
    expect((await onboard()).code).toBe(0);
    const devices = () =>
      stack.sandbox.azure.store.db.prepare("SELECT COUNT(*) AS n FROM iothub_devices").get()?.n;
    expect(devices()).toBeGreaterThanOrEqual(25);
    await stack.useProgram([mistakes.hubElsewhere]);
    const { code, output } = await stack.up();
    expect(code, output).toBe(0);
    expect(output).toMatch(/terminals-hub.*replaced/);
    expect(
      stack.sandbox.azure.resources.list("Microsoft.Devices/IotHubs").map(({ location }) => location),
    ).toEqual(["northeurope"]);
    expect(devices()).toBe(0);
  });
});

describe("a longer SAS policy", () => {
  /** Asks for a container's blobs with a SAS of so many days that no stored access policy bounds. */
  async function listWithSas(days: number) {
    const account = (await stack.outputs()).filesAccountResourceId ?? "";
    const name = account.split("/").at(-1) ?? "";
    const [key] = stack.sandbox.storage.accountKeys.list(account);
    const credential = new StorageSharedKeyCredential(name, key?.value ?? "");
    const startsOn = new Date(Date.now() - 60_000);
    const sas = generateBlobSASQueryParameters(
      {
        containerName: "example-hall-01",
        permissions: ContainerSASPermissions.parse("l"),
        startsOn,
        expiresOn: new Date(startsOn.getTime() + days * dayMs),
      },
      credential,
    );
    const url = `${new BlobServiceClient(`https://${name}.blob.core.windows.net`).url}example-hall-01`;
    return call(stack.sandbox.proxy, `${url}?restype=container&comp=list&${sas}`);
  }
  beforeEach(() => deploy());

  test("the pack names the limit", async () => {
    const said = await refusal(mistakes.longSas);
    expect(said).toContain("storage-account-sas-lifetime");
    expect(said).toContain("30");
  });

  test("as declared, a key of 45 days is refused; with the mistake, the account takes it", async () => {
    await onboard();
    expect((await listWithSas(30)).status).toBe(200);
    expect((await listWithSas(45)).status).toBe(403);
    await deploy(mistakes.longSas);
    expect((await listWithSas(45)).status).toBe(200);
  });
});
