import { afterAll, beforeAll, expect, test } from "vitest";
import { hasPython, installPythonPackage } from "../support/python-packages.ts";
import { ClientShell, describeClient } from "./client-shell.ts";

/*
 * The Azure CLI itself, from PyPI, against a sandbox: sign in, make, show, change, delete.
 */

const install = () => installPythonPackage("azure-cli", "2.91.0", { waitMs: 900_000 });

await describeClient("the Azure CLI", { Python: hasPython }, install, (python) => {
  let shell: ClientShell;

  /** Runs one command. @returns The JSON that it prints; undefined for none. */
  async function az(...args: string[]): Promise<unknown> {
    const { code, output, stdout } = await shell.run(python, [
      "-m",
      "azure.cli",
      ...args,
      "--output",
      "json",
    ]);
    if (code !== 0) throw new Error(`az ${args[0]} ${args[1]}: ${output}`);
    return stdout.trim() ? JSON.parse(stdout) : undefined;
  }

  const refusal = (...args: string[]) =>
    az(...args).then(
      () => "not refused",
      ({ message }: Error) => message,
    );

  const inGroup = ["--resource-group", "g1"];

  beforeAll(async () => {
    shell = await ClientShell.start();
    const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID } = shell.variables;
    const secret = ["--username", AZURE_CLIENT_ID!, "--password", AZURE_CLIENT_SECRET!];
    await az("login", "--service-principal", ...secret, "--tenant", AZURE_TENANT_ID!);
    await az("group", "create", "--name", "g1", "--location", "westeurope");
  }, 300_000);
  afterAll(() => shell[Symbol.asyncDispose]());

  test("login stores the sign-in in the sandbox's folder, and shows subscription, locations and providers", async () => {
    expect(shell.variables.AZURE_CONFIG_DIR).toContain(shell.sandbox.dir);
    expect(await az("account", "show", "--query", "id")).toBe(shell.sandbox.azure.subscriptionId);
    const locations = await az("account", "list-locations", "--query", "[].name");
    expect(locations).toContain("westeurope");
    expect(
      await az("provider", "show", "--namespace", "Microsoft.Devices", "--query", "registrationState"),
    ).toBe("Registered");
  });

  test("group: exists, tags, and a missing one cannot be deleted", async () => {
    expect(await az("group", "exists", "--name", "g1")).toBe(true);
    expect(await az("group", "exists", "--name", "nothing")).toBe(false);
    expect(await az("group", "update", "--name", "g1", "--set", "tags.a=b", "--query", "tags")).toEqual({
      a: "b",
    });
    expect(await refusal("group", "delete", "--name", "nothing", "--yes")).toContain("ResourceGroupNotFound");
  });

  test("storage: account and container are made, shown, changed and deleted, in both planes", async () => {
    const account = ["--name", "examplefiles1", ...inGroup];
    const of = ["--storage-account", "examplefiles1", ...inGroup];
    const sku = ["--sku", "Standard_LRS", "--location", "westeurope"];
    expect(await az("storage", "account", "create", ...account, ...sku, "--query", "name")).toBe(
      "examplefiles1",
    );
    const tls = ["--min-tls-version", "TLS1_2", "--query", "minimumTlsVersion"];
    expect(await az("storage", "account", "update", ...account, ...tls)).toBe("TLS1_2");
    await az("storage", "container-rm", "create", ...of, "--name", "from-manager");
    const keys = ["account", "keys", "list", "-n", "examplefiles1", ...inGroup, "--query", "[].value"];
    const [first, second] = (await az("storage", ...keys)) as string[];
    const renew = ["account", "keys", "renew", "-n", "examplefiles1", ...inGroup, "--key", "key1"];
    const [key, other] = (await az("storage", ...renew, "--query", "[].value")) as string[];
    expect([key === first, other]).toEqual([false, second]);
    const data = ["--account-name", "examplefiles1", "--account-key", String(key)];
    expect(await az("storage", "container", "create", ...data, "--name", "from-data")).toEqual({
      created: true,
    });
    await az("storage", "table", "create", ...data, "--name", "rows");
    const policy = ["table", "policy", "create", ...data, "--table-name", "rows", "--name", "p1"];
    await az("storage", ...policy, "--permissions", "r", "--expiry", "2030-01-01T00:00Z");
    const expiry = ["table", "policy", "list", ...data, "--table-name", "rows", "--query", "p1.expiry"];
    expect(await az("storage", ...expiry)).toMatch(/^2030-01-01T00:00:00/);
    const names = ["container-rm", "list", ...of, "--query", "[].name"];
    expect(await az("storage", ...names)).toEqual(["from-data", "from-manager"]);
    await az("storage", "container-rm", "delete", ...of, "--name", "from-data", "--yes");
    expect(await az("storage", "container", "list", ...data, "--query", "[].name")).toEqual(["from-manager"]);
    await az("storage", "account", "delete", ...account, "--yes");
    expect(await refusal("storage", "account", "show", ...account)).toContain("ResourceNotFound");
  });

  test("iot hub: made, shown, changed and deleted", async () => {
    const hub = ["--name", "example-hub-1", ...inGroup];
    expect(await az("iot", "hub", "create", ...hub, "--sku", "S1", "--query", "properties.state")).toBe(
      "Active",
    );
    const shown = await az(
      "iot",
      "hub",
      "show",
      "--name",
      "example-hub-1",
      "--query",
      "[resourcegroup, subscriptionid]",
    );
    expect(shown).toEqual(["g1", shell.sandbox.azure.subscriptionId]);
    expect(await az("iot", "hub", "update", ...hub, "--set", "tags.a=b", "--query", "tags")).toEqual({
      a: "b",
    });
    const policies = ["policy", "list", "--hub-name", "example-hub-1", ...inGroup];
    const names = ["iothubowner", "service", "device", "registryRead", "registryReadWrite"];
    expect(await az("iot", "hub", ...policies, "--query", "[].keyName")).toEqual(names);
    // The Azure CLI itself shows the limit of devices as unlimited.
    expect(await az("iot", "hub", "show-quota-metrics", ...hub)).toEqual([
      { name: "TotalMessages", currentValue: 0, maxValue: 400_000 },
      { name: "TotalDeviceCount", currentValue: 0, maxValue: "Unlimited" },
    ]);
    await az("iot", "hub", "delete", ...hub);
    expect(await az("iot", "hub", "list", ...inGroup)).toEqual([]);
  });

  test("apim: service, API and named value are made, shown, changed and deleted", async () => {
    const service = ["--name", "example-apim-1", ...inGroup];
    const of = ["--service-name", "example-apim-1", ...inGroup];
    const publisher = [
      "--publisher-email",
      "a@example.com",
      "--publisher-name",
      "A",
      "--sku-name",
      "Developer",
    ];
    const state = ["--query", "provisioningState"];
    expect(await az("apim", "create", ...service, ...publisher, ...state)).toBe("Succeeded");
    const renamed = ["--set", "publisherName=B", "--query", "publisherName"];
    expect(await az("apim", "update", ...service, ...renamed)).toBe("B");
    await az("apim", "api", "create", ...of, "--api-id", "flow", "--path", "flow", "--display-name", "Flow");
    const described = ["--api-id", "flow", "--description", "hello", "--query", "description"];
    expect(await az("apim", "api", "update", ...of, ...described)).toBe("hello");
    const value = ["--named-value-id", "n1"];
    await az(
      "apim",
      "nv",
      "create",
      ...of,
      ...value,
      "--display-name",
      "n1",
      "--value",
      "v",
      "--secret",
      "true",
    );
    await az("apim", "nv", "update", ...of, ...value, "--value", "w");
    expect(await az("apim", "nv", "show-secret", ...of, ...value, "--query", "value")).toBe("w");
    await az("apim", "nv", "delete", ...of, ...value, "--yes");
    await az("apim", "api", "delete", ...of, "--api-id", "flow", "--yes");
    await az("apim", "delete", ...service, "--yes");
    expect(await az("apim", "deletedservice", "list", "--query", "[].name")).toEqual(["example-apim-1"]);
  });

  test("role: an assignment is made, listed and deleted, and names of people are refused by the name of Graph", async () => {
    const scope = String(await az("group", "show", "--name", "g1", "--query", "id"));
    const assignee = ["--assignee-object-id", shell.sandbox.principals.operator.objectId];
    const role = ["--role", "Storage Blob Data Contributor", "--scope", scope];
    const kind = ["--assignee-principal-type", "ServicePrincipal"];
    await az("role", "assignment", "create", ...role, ...assignee, ...kind);
    const names = ["role", "assignment", "list", "--scope", scope, "--query", "[].roleDefinitionName"];
    expect(await az(...names)).toEqual(["Storage Blob Data Contributor"]);
    await az("role", "assignment", "delete", ...role, ...assignee);
    expect(await az(...names)).toEqual([]);
    expect(await refusal("ad", "user", "list")).toContain("does not have Microsoft Graph");
  });

  test("resource list and group delete: all that is left in the group is listed and deleted", async () => {
    await az("iot", "hub", "create", "--name", "example-hub-2", ...inGroup, "--sku", "S1");
    expect(await az("resource", "list", ...inGroup, "--query", "[].type")).toEqual([
      "Microsoft.Devices/IotHubs",
    ]);
    await az("group", "delete", "--name", "g1", "--yes");
    expect(await az("group", "exists", "--name", "g1")).toBe(false);
  });
});
