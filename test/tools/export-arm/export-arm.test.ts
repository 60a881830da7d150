import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DeclaredResources,
  readDeclaredResources,
} from "../../../tools/export-arm/declared-resources.ts";
import {
  subscriptionTemplate,
  type Template,
  type TemplateResource,
} from "../../../tools/export-arm/template.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { outcome, startProgram } from "../../support/processes.ts";
import { declaredProgram } from "../outside-judges/declared-program.ts";

/* `npm run export-arm`: the program, deployed by the real engine, as a deployment template. */

interface Deployment extends TemplateResource {
  resourceGroup: string;
  dependsOn: string[];
  properties: { template: Template };
}

let declared: DeclaredResources;
let template: Template;
beforeAll(async () => {
  declared = (await declaredProgram()).get("dev")!;
  template = subscriptionTemplate(declared);
});

const deployments = () =>
  template.resources.filter(({ type }) => type === "Microsoft.Resources/deployments") as Deployment[];
const nested = () => deployments().flatMap(({ properties }) => properties.template.resources);
const resource = (logicalName: string) => nested().find(({ comments }) => comments === logicalName)!;

describe("the exported template", () => {
  test("has every resource of azure-native in the program exactly once", () => {
    const names = [...template.resources, ...nested()].flatMap(({ comments }) => comments ?? []);
    expect(names.toSorted()).toEqual(declared.resources.map(({ logicalName }) => logicalName).toSorted());
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(50);
  });

  test("has the names of the REST API, and the names of parents before a resource's own", () => {
    const account = resource("files-account");
    expect(account).toMatchObject({
      type: "Microsoft.Storage/storageAccounts",
      apiVersion: "2024-01-01",
      location: "westeurope",
      sku: { name: "Standard_ZRS" },
      kind: "StorageV2",
      properties: {
        supportsHttpsTrafficOnly: true,
        networkAcls: { defaultAction: "Allow", bypass: "AzureServices" },
        minimumTlsVersion: "TLS1_2",
      },
    });
    expect(account.properties).not.toHaveProperty("enableHttpsTrafficOnly");
    expect(resource("audit-container").name).toMatch(/^staudit[a-z0-9]+\/default\/audit$/);
  });

  test("gives extension resources their scope", () => {
    const hub = resource("terminals-hub");
    const diagnostics = resource("observability-hub-diagnostics");
    expect(diagnostics.type).toBe("Microsoft.Insights/diagnosticSettings");
    expect(diagnostics.scope).toMatch(new RegExp(`/providers/Microsoft.Devices/IotHubs/${hub.name}$`));
  });

  test("orders deployments and resources so that nothing waits for what comes later or is missing", () => {
    const finished = new Set<string>();
    const waiting = new Map(
      [...template.resources, ...nested()].map((each) => {
        const inGroup = each.type === "Microsoft.Resources/resourceGroups" ? undefined : each;
        return [each, (inGroup?.dependsOn ?? []) as string[]] as const;
      }),
    );
    const idOf = (each: TemplateResource) => {
      if (each.type === "Microsoft.Resources/deployments") {
        const { resourceGroup } = each as Deployment;
        return `/subscriptions/${declared.subscriptionId}/resourceGroups/${resourceGroup}/providers/${each.type}/${each.name}`;
      }
      return declared.resources.find(({ logicalName }) => logicalName === each.comments)!.id;
    };
    while (waiting.size > 0) {
      const ready = [...waiting].filter(([, dependsOn]) => dependsOn.every((id) => finished.has(id)));
      expect(ready.map(([{ name }]) => name)).not.toEqual([]);
      for (const [each] of ready) {
        finished.add(idOf(each));
        waiting.delete(each);
      }
    }
  });

  test("holds no secret and no value of the sandbox that deployed it", () => {
    const text = JSON.stringify(template);
    expect(text).not.toMatch(
      /AccountKey=|SharedAccessKey=|\bsig=|primaryKey|ciphertext|4dabf18193072939515e22adb298388d/,
    );
    expect(template.parameters).toEqual({});
  });
});

test("a second export from another sandbox is equal, byte for byte", async () => {
  await using folder = await temporaryFolder();
  const file = folder.file("dev.json");
  const program = startProgram("tools/export-arm/export-arm.ts", ["--stack", "dev", "--out", file], {
    env: { ...process.env, TMPDIR: folder.path },
  });
  const { code, output } = await outcome(program);
  expect(output).toBe("");
  expect(code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(template, undefined, 2)}\n`);
});

test("a stack without settings is a usage error that names the stacks with settings", async () => {
  const { code, output } = await outcome(startProgram("tools/export-arm/export-arm.ts", ["--stack", "test"]));
  expect(output).toContain("No settings file for test. Stacks with a settings file: dev, prod.");
  expect(code).toBe(2);
});

describe("a state with a secret", () => {
  const urn = "urn:pulumi:dev::p::azure-native:apimanagement:NamedValue::flow-key";
  const state = {
    deployment: {
      resources: [
        {
          urn: urn.replace("apimanagement:NamedValue::flow-key", "resources:ResourceGroup::flow"),
          type: "azure-native:resources:ResourceGroup",
          custom: true,
          inputs: { resourceGroupName: "rg", location: "norwayeast" },
        },
        {
          urn,
          type: "azure-native:apimanagement:NamedValue",
          custom: true,
          inputs: {
            resourceGroupName: "rg",
            serviceName: "apim",
            namedValueId: "key",
            displayName: "[text in brackets]",
            value: {
              "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
              plaintext: '"hunter2"',
            },
          },
        },
      ],
    },
  };
  const environment = { subscriptionId: "11111111-1111-4111-8111-111111111111", tenantId: "2" };
  const withSecret = subscriptionTemplate(readDeclaredResources(state, environment));
  const [deployment] = withSecret.resources.filter(({ type }) =>
    type.endsWith("/deployments"),
  ) as Deployment[];

  test("becomes a secure parameter without a value, which nested deployments pass on", () => {
    expect(JSON.stringify(withSecret)).not.toContain("hunter2");
    expect(withSecret.parameters).toEqual({ flow_key_value: { type: "securestring" } });
    expect(deployment!.properties).toMatchObject({
      parameters: { flow_key_value: { value: "[parameters('flow_key_value')]" } },
      template: {
        parameters: { flow_key_value: { type: "securestring" } },
        resources: [{ name: "apim/key", properties: { value: "[parameters('flow_key_value')]" } }],
      },
    });
  });

  test("escapes a text in brackets, which would otherwise be an expression", () => {
    expect(deployment!.properties.template.resources[0]!.properties).toMatchObject({
      displayName: "[[text in brackets]",
    });
  });
});
