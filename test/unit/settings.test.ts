import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSettings, SettingsError } from "../../settings/settings.ts";
import { readStackSettings } from "../../settings/stack.ts";
import { good, lines, read } from "./changed-settings.ts";
import { checkedIn } from "./stack-file.ts";

test("the checked-in settings of dev and prod are good, and differ in what they should", () => {
  const dev = read({});
  const prod = readSettings(checkedIn("prod"), "terminal-fleet", "prod");
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
    flowApiAudience: "api://flow-dev",
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
    'terminal-fleet:flowApiUrl is "http://flow.example.com"; allowed: an https URL in its plain form, such as https://flow.example.com/api',
  ],
  [
    "flowApiAudience",
    "flow",
    'terminal-fleet:flowApiAudience is "flow"; allowed: an application ID URI such as api://flow-dev',
  ],
  [
    "publisherEmail",
    "nobody",
    'terminal-fleet:publisherEmail is "nobody"; allowed: an e-mail address such as operations@example.com',
  ],
  ["alertEmails", "[]", "terminal-fleet:alertEmails is []; allowed: at least one e-mail address"],
  ["alertEmails", "nobody", 'terminal-fleet:alertEmails is "nobody"; allowed: a list of e-mail addresses'],
  ["tags", '{"owner":"x"}', "terminal-fleet:tags.costCentre is missing; allowed: who pays for it"],
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
    "terminal-fleet:ciFederations.0.secret is not known there; allowed: a map with name, issuer and subject",
  ],
])("%s: %s is one readable line", (name, value, line) => {
  expect(lines({ [name]: value })).toEqual([line]);
});

test("a tag's value may be a number in the file", () => {
  expect(read({ tags: '{"owner":"x","costCentre":4711}' }).tags).toEqual({ owner: "x", costCentre: "4711" });
});

test("a URL loses the slash at its end, so that paths can be put behind it", () => {
  expect(read({ flowApiUrl: "https://flow.example.com/api/" }).flowApiUrl).toBe(
    "https://flow.example.com/api",
  );
});

test("a stack has the name of its environment, whose name all its resources have", () => {
  const told = (config: Record<string, string>, stack: string) => {
    try {
      readSettings(config, "terminal-fleet", stack);
      return [];
    } catch (error) {
      return (error as SettingsError).lines;
    }
  };
  const line =
    'terminal-fleet:environment is "dev" in the stack team2; allowed: the stack\'s own name, since a subscription holds one dev';
  expect(told(good, "team2")).toEqual([line]);
  expect(told({ ...good, "terminal-fleet:hubSku": "S9" }, "team2")).toContain(line);
  expect(told(good, "dev")).toEqual([]);
});

test("S3 has ten units at most", () => {
  expect(read({ hubSku: "S3", hubUnits: "10" }).hubUnits).toBe(10);
  expect(lines({ hubSku: "S3", hubUnits: "11" })).toEqual([
    'terminal-fleet:hubUnits is "11"; allowed: units, a whole number from 1 to 10 with hubSku S3',
  ]);
});

test("files leave West Europe only with a written reason", () => {
  const reason = "The customer's contract asks for a second region.";
  expect(read({ filesSku: "Standard_GZRS", filesGeoReplicationReason: reason }).filesSku).toBe(
    "Standard_GZRS",
  );
  const allowed = "a reason of 20 to 256 characters, with filesSku Standard_GZRS and only with it";
  expect(lines({ filesSku: "Standard_GZRS" })).toEqual([
    `terminal-fleet:filesGeoReplicationReason is missing; allowed: ${allowed}`,
  ]);
  expect(lines({ filesGeoReplicationReason: reason })).toEqual([
    `terminal-fleet:filesGeoReplicationReason is "${reason}"; allowed: ${allowed}`,
  ]);
});

test("everything that is wrong is told at once: missing, wrong, unknown, and what does not fit together", () => {
  const found = lines({ hubSku: "S3", hubUnits: "11", protect: undefined, flowSku: "Basic", hubUnit: "2" });
  expect(found).toHaveLength(4);
  expect(found).toContain("terminal-fleet:protect is missing; allowed: true, false");
  expect(found).toContain('terminal-fleet:flowSku is "Basic"; allowed: BasicV2, StandardV2');
  expect(found).toContain(
    'terminal-fleet:hubUnits is "11"; allowed: units, a whole number from 1 to 10 with hubSku S3',
  );
  expect(found.find((line) => line.startsWith("terminal-fleet:hubUnit is no setting"))).toContain("hubUnits");
});

test("other namespaces are none of its business", () => {
  expect(() =>
    readSettings({ ...good, "azure-native:location": "anything" }, "terminal-fleet", "dev"),
  ).not.toThrow();
});

test("any text as any setting gives settings or readable lines, never another error", () => {
  const names = Object.keys(good).map((key) => key.split(":")[1]!);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json()), (name, value) => {
      try {
        read({ [name]: value });
      } catch (error) {
        expect(error).toBeInstanceOf(SettingsError);
        for (const line of (error as SettingsError).lines) expect(line).toMatch(/; allowed: ./);
      }
    }),
    { numRuns: 300 },
  );
});

test("in a deployment, wrong settings are an error that Pulumi shows without a stack trace", () => {
  runtime.setAllConfig({ ...good, "terminal-fleet:hubSku": "S9" });
  runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "terminal-fleet", "dev");
  expect(readStackSettings).toThrowError(
    expect.objectContaining({
      __pulumiRunError: true,
      message:
        'Pulumi.dev.yaml: 1 of the settings cannot be used.\n  terminal-fleet:hubSku is "S9"; allowed: S1, S2, S3',
    }),
  );
});
