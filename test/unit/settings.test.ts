import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSettings, SettingsError } from "../../settings/settings.ts";
import { readStackSettings } from "../../settings/stack.ts";
import { devConfig, errorLines, readChanged } from "./changed-settings.ts";
import { readStackFile } from "./stack-file.ts";

test("the settings of dev and prod in the repository are valid, and have the same regions", () => {
  const dev = readChanged({});
  const prod = readSettings(readStackFile("prod"), "terminal-fleet", "prod");
  expect(dev).toEqual({
    environment: "dev",
    hubRegion: "westeurope",
    flowRegion: "norwayeast",
    protect: false,
    hubSku: "S1",
    hubUnits: 1,
    filesSku: "Standard_ZRS",
    fileRecoveryDays: 7,
    flowSku: "BasicV2",
    flowUnits: 1,
    flowApiUrl: "https://flow-dev.example.com",
    flowApiAudience: "api://11111111-2222-3333-4444-555555555555",
    flowApiDefinition: {
      operations: [
        {
          id: "get-health",
          summary: "Health of the Flow API",
          method: "GET",
          path: "/health",
          parameters: [],
        },
        {
          id: "get-employee",
          summary: "Employee with a badge",
          method: "GET",
          path: "/v1/employees/{badge}",
          parameters: ["badge"],
        },
        {
          id: "get-balance",
          summary: "Balances of an employee",
          method: "GET",
          path: "/v1/balances/{number}",
          parameters: ["number"],
        },
        {
          id: "look-up-employees",
          summary: "Employees with one of several badges",
          method: "POST",
          path: "/v1/lookups",
          parameters: [],
        },
      ],
      maxRequestBytes: 16_384,
    },
    flowCallsPerMinute: 120,
    publisherName: "Example Operator",
    publisherEmail: "operations@example.com",
    operatorsGroup: "Terminal fleet operators (dev)",
    ciFederations: [
      {
        name: "github-dev",
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:example-org/terminal-fleet:environment:dev",
      },
    ],
    auditRetentionDays: 30,
    logRetentionDays: 30,
    alertEmails: ["operations@example.com"],
    supportContact: {
      name: "Example Support (test)",
      email: "support@example.com",
      phone: "+47 22 00 00 00",
      hours: "08:00-16:00",
    },
    tags: { owner: "terminal-operations", costCentre: "1000" },
  });
  expect(prod).toMatchObject({ environment: "prod", protect: true, hubSku: "S2", flowSku: "StandardV2" });
  expect([prod.hubRegion, prod.flowRegion]).toEqual([dev.hubRegion, dev.flowRegion]);
});

test.each([
  ["environment", "test", 'terminal-fleet:environment is "test"; allowed: dev, prod'],
  ["hubRegion", "northeurope", 'terminal-fleet:hubRegion is "northeurope"; allowed: westeurope'],
  ["flowRegion", "westeurope", 'terminal-fleet:flowRegion is "westeurope"; allowed: norwayeast'],
  ["protect", "yes", 'terminal-fleet:protect is "yes"; allowed: true, false'],
  ["hubSku", "F1", 'terminal-fleet:hubSku is "F1"; allowed: S1, S2, S3'],
  ["hubUnits", "0", 'terminal-fleet:hubUnits is "0"; allowed: units, a whole number from 1 to 200'],
  ["hubUnits", "2.5", 'terminal-fleet:hubUnits is "2.5"; allowed: units, a whole number from 1 to 200'],
  [
    "fileRecoveryDays",
    "31",
    'terminal-fleet:fileRecoveryDays is "31"; allowed: days, a whole number from 1 to 30',
  ],
  ["flowSku", "Consumption", 'terminal-fleet:flowSku is "Consumption"; allowed: BasicV2, StandardV2'],
  [
    "flowApiUrl",
    "http://flow.example.com",
    'terminal-fleet:flowApiUrl is "http://flow.example.com"; allowed: an https URL in its normal form, such as https://flow.example.com/api',
  ],
  [
    "flowApiAudience",
    "flow",
    'terminal-fleet:flowApiAudience is "flow"; allowed: an application ID URI such as api://CLIENT-ID',
  ],
  [
    "publisherEmail",
    "nobody",
    'terminal-fleet:publisherEmail is "nobody"; allowed: an e-mail address such as operations@example.com',
  ],
  ["alertEmails", "[]", "terminal-fleet:alertEmails is []; allowed: at least one e-mail address"],
  ["alertEmails", "nobody", 'terminal-fleet:alertEmails is "nobody"; allowed: a list of e-mail addresses'],
  [
    "supportContact",
    '{"name":"x"}',
    'terminal-fleet:supportContact is {"name":"x"}; allowed: a map with name, at least one of email and phone, and hours if there are any',
  ],
  [
    "supportContact",
    '{"name":"x","phone":"22 00 00 00"}',
    'terminal-fleet:supportContact.phone is "22 00 00 00"; allowed: a phone number such as +47 22 00 00 00',
  ],
  [
    "tags",
    '{"owner":"x"}',
    "terminal-fleet:tags.costCentre is missing; allowed: the cost centre that pays for the fleet",
  ],
  [
    "tags",
    '{"owner":"x","costCentre":1,"a/b":"c"}',
    'terminal-fleet:tags.a/b is "c"; allowed: tag names of up to 128 characters without < > % & \\ ? /',
  ],
  [
    "ciFederations",
    '[{"name":"ci","issuer":"https://token.example.com","subject":"s"}]',
    'terminal-fleet:ciFederations.0.name is "ci"; allowed: 3 to 120 letters, digits, - or _',
  ],
  [
    "ciFederations",
    '[{"name":"pipeline","issuer":"https://token.example.com","subject":"s","secret":"x"}]',
    "terminal-fleet:ciFederations.0.secret is unknown; allowed: a map with name, issuer and subject",
  ],
])("%s: %s is invalid, and the error has one line with the allowed values", (name, value, line) => {
  expect(errorLines({ [name]: value })).toEqual([line]);
});

test("the value of a tag may be a number in the settings file", () => {
  expect(readChanged({ tags: '{"owner":"x","costCentre":4711}' }).tags).toEqual({
    owner: "x",
    costCentre: "4711",
  });
});

test("the slash at the end of a URL is removed, so that a path can be appended", () => {
  expect(readChanged({ flowApiUrl: "https://flow.example.com/api/" }).flowApiUrl).toBe(
    "https://flow.example.com/api",
  );
});

test("the name of a stack must be its environment", () => {
  const linesFor = (config: Record<string, string>, stack: string) => {
    try {
      readSettings(config, "terminal-fleet", stack);
      return [];
    } catch (error) {
      return (error as SettingsError).lines;
    }
  };
  const line =
    'terminal-fleet:environment is "dev" in the stack team2; allowed: the name of the stack, because a subscription can hold only one dev';
  expect(linesFor(devConfig, "team2")).toEqual([line]);
  expect(linesFor({ ...devConfig, "terminal-fleet:hubSku": "S9" }, "team2")).toContain(line);
  expect(linesFor(devConfig, "dev")).toEqual([]);
});

test("the tier S3 allows at most 10 units", () => {
  expect(readChanged({ hubSku: "S3", hubUnits: "10" }).hubUnits).toBe(10);
  expect(errorLines({ hubSku: "S3", hubUnits: "11" })).toEqual([
    'terminal-fleet:hubUnits is "11"; allowed: units, a whole number from 1 to 10 with hubSku S3',
  ]);
});

test("a copy of the files in North Europe requires a reason, and a reason requires the copy", () => {
  const reason = "The customer's contract asks for a second region.";
  expect(readChanged({ filesSku: "Standard_GZRS", filesGeoReplicationReason: reason }).filesSku).toBe(
    "Standard_GZRS",
  );
  const allowed =
    "a reason of 20 to 256 characters, required with filesSku Standard_GZRS and not allowed without it";
  expect(errorLines({ filesSku: "Standard_GZRS" })).toEqual([
    `terminal-fleet:filesGeoReplicationReason is missing; allowed: ${allowed}`,
  ]);
  expect(errorLines({ filesGeoReplicationReason: reason })).toEqual([
    `terminal-fleet:filesGeoReplicationReason is "${reason}"; allowed: ${allowed}`,
  ]);
});

test("one error lists all problems: missing, invalid and unknown settings, and invalid combinations", () => {
  const found = errorLines({
    hubSku: "S3",
    hubUnits: "11",
    protect: undefined,
    flowSku: "Basic",
    hubUnit: "2",
  });
  expect(found).toHaveLength(4);
  expect(found).toContain("terminal-fleet:protect is missing; allowed: true, false");
  expect(found).toContain('terminal-fleet:flowSku is "Basic"; allowed: BasicV2, StandardV2');
  expect(found).toContain(
    'terminal-fleet:hubUnits is "11"; allowed: units, a whole number from 1 to 10 with hubSku S3',
  );
  expect(found.find((line) => line.startsWith("terminal-fleet:hubUnit is not a setting"))).toContain(
    "hubUnits",
  );
});

test("settings of other namespaces are ignored", () => {
  expect(() =>
    readSettings({ ...devConfig, "azure-native:location": "anything" }, "terminal-fleet", "dev"),
  ).not.toThrow();
});

test("any text as the value of any setting is valid or gives lines with allowed values, never another error", () => {
  const names = Object.keys(devConfig).map((key) => key.split(":")[1]!);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json()), (name, value) => {
      try {
        readChanged({ [name]: value });
      } catch (error) {
        expect(error).toBeInstanceOf(SettingsError);
        for (const line of (error as SettingsError).lines) expect(line).toMatch(/; allowed: ./);
      }
    }),
    { numRuns: 300 },
  );
});

test("in a deployment, invalid settings are an error that Pulumi prints without a stack trace", () => {
  runtime.setAllConfig({ ...devConfig, "terminal-fleet:hubSku": "S9" });
  runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "terminal-fleet", "dev");
  expect(readStackSettings).toThrowError(
    expect.objectContaining({
      __pulumiRunError: true,
      message: 'Pulumi.dev.yaml: 1 setting is invalid.\n  terminal-fleet:hubSku is "S9"; allowed: S1, S2, S3',
    }),
  );
});
