import { join } from "node:path";
import { expect, test } from "vitest";
import { openAzureEnvironment } from "../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../sandbox/core/clock.ts";
import { createGraphEndpoint, graphAudience } from "../../sandbox/entra-id/graph-endpoint.ts";
import { createTokenEndpoint } from "../../sandbox/entra-id/token-endpoint.ts";
import { createResourceManagerEndpoint } from "../../sandbox/resource-manager/rest-api/endpoint.ts";
import { createIotHub } from "../../sandbox/services/iot-hub/iot-hub.ts";
import { createLogQueryEndpoint } from "../../sandbox/services/monitor/log-query-endpoint.ts";
import { AccountKeys } from "../../sandbox/services/storage/authentication/account-keys.ts";
import { projectRoot } from "../support/project-root.ts";
import { coveragePage } from "./azure-coverage/coverage-page.ts";

const page = join(projectRoot, "docs", "coverage.md");

test("docs/coverage.md says of each operation and resource type whether the sandbox has it", async () => {
  const azure = await openAzureEnvironment({ file: ":memory:", clock: new MovableClock(), log: () => {} });
  const hub = createIotHub(azure);
  try {
    const text = coveragePage({
      resourceManager: createResourceManagerEndpoint(azure, new AccountKeys(azure)),
      iotHub: hub.endpoint,
      entraId: createTokenEndpoint(azure),
      graph: createGraphEndpoint(azure),
      logs: createLogQueryEndpoint(azure),
    });
    for (const row of [
      "| `GET /devices/{id}` | done |",
      "| `PUT /jobs/v2/{id}` | refused by name |",
      "| `BlockBlob_Upload` | done |",
      "| `Container_AcquireLease` | done |",
      "| `Service_GetUserDelegationKey` | refused by name |",
      "| `POST /{tenant}/oauth2/v2.0/token` | done |",
      "| `POST /{tenant}/oauth2/token` | refused by name |",
    ]) {
      expect(text).toContain(row);
    }
    await expect(`${text}\n`).toMatchFileSnapshot(page);
  } finally {
    hub.close();
    azure.store.close();
  }
});

test("what the page calls refused by name is refused with its name", async () => {
  const azure = await openAzureEnvironment({ file: ":memory:", clock: new MovableClock(), log: () => {} });
  try {
    const principal = azure.directory.addServicePrincipal("example");
    const bearer = async (audience: string) => ({
      authorization: `Bearer ${(await azure.tokens.issue(principal, audience)).token}`,
    });
    const graph = createGraphEndpoint(azure);
    const users = await graph.fetch(
      new Request("https://graph.microsoft.com/v1.0/users", { headers: await bearer(graphAudience) }),
    );
    expect(await users.text()).toContain("NotInSandbox");
    const management = createResourceManagerEndpoint(azure, new AccountKeys(azure));
    const unknown = await management.fetch(
      new Request(
        `https://management.azure.com/subscriptions/${azure.subscriptionId}/resourceGroups/g/providers/Microsoft.Devices/provisioningServices/p?api-version=2023-06-30`,
        { headers: await bearer("https://management.azure.com") },
      ),
    );
    expect(await unknown.text()).toContain("provisioningServices/p");
    const entra = await createTokenEndpoint(azure).fetch(
      new Request("https://login.microsoftonline.com/t/oauth2/token", { method: "POST" }),
    );
    expect(await entra.text()).toContain(
      "The sandbox does not serve login.microsoftonline.com/t/oauth2/token.",
    );
  } finally {
    azure.store.close();
  }
});
