import { createFinding, type Finding } from "../../../tools/judge/report/finding.ts";
import type { Report } from "../../../tools/judge/report/report.ts";

const hub = {
  name: "terminals-hub",
  urn: "urn:pulumi:prod::terminal-fleet::terminal-fleet:components:TerminalHub$azure-native:iothub:IotHubResource::terminals-hub",
  type: "azure-native:iothub:IotHubResource",
};

/** A failure on the IoT Hub, with these fields replaced. */
export const exampleFinding = (fields: Partial<Finding> = {}): Finding =>
  createFinding({
    judge: "policy pack",
    rule: "iot-hub-minimum-tls",
    severity: "high",
    level: "failure",
    environment: "prod",
    resource: hub,
    problem: 'properties.minTlsVersion is "1.0"; it must be "1.2".',
    found: '"1.0"',
    wanted: '"1.2"',
    reason: "TLS 1.0 and 1.1 are broken.",
    remedy: "Set minTlsVersion to 1.2.",
    sources: [
      { id: "AZR-000357", url: "https://azure.github.io/PSRule.Rules.Azure/en/rules/Azure.IoTHub.MinTLS/" },
    ],
    location: { file: "components/terminal-hub.ts", line: 48 },
    calledFrom: [{ file: "index.ts", line: 63 }],
    ...fields,
  });

/** A report with every field, and these findings. */
export const exampleReport = (findings: Finding[] = [exampleFinding()]): Report => ({
  version: 1,
  verdict: findings.some(({ level }) => level === "failure") ? "failed" : "passed",
  base: { ref: "origin/main", commit: "0123456789abcdef0123456789abcdef01234567" },
  environments: [
    {
      name: "prod",
      result: "refused",
      resources: 73,
      changes: [
        {
          operation: "replaced",
          ...hub,
          differences: [{ path: "resourceName", before: '"iot-a"', after: '"iot-b"' }],
          consequences: [
            { what: "replaced", explanation: "All device identities are lost.", isAccepted: false },
          ],
          location: { file: "components/terminal-hub.ts", line: 48 },
        },
      ],
      residency: [
        {
          name: hub.name,
          type: hub.type,
          region: "westeurope",
          personalData: "device twins",
          copies: "3 in the region",
          before: { name: hub.name, type: hub.type, region: "northeurope", personalData: null, copies: "3" },
        },
      ],
      cost: {
        rows: [{ name: hub.name, type: hub.type, basis: "2 units S2", eur: 430, nok: 5000, eurBefore: 215 }],
        eur: 430,
        nok: 5000,
        eurBefore: 215,
        pricesOf: "2026-11-01",
        assumptions: ["Prices without tax."],
      },
    },
  ],
  judges: [{ name: "policy pack", version: "1.0.0", rules: 77, passed: 76, failed: 1, waived: 0 }],
  findings,
});
