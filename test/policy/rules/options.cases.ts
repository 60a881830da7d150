import { addProvider, type Refusal, refusals, setOptions, unprotectInProd } from "../changes.ts";

const hubUrn = (name: string) =>
  `urn:pulumi:dev::terminal-fleet::terminal-fleet:components:TerminalHub$azure-native:iothub:IotHubResource::${name}`;

const ownProvider = (properties: Record<string, unknown>) =>
  setOptions("terminals-hub", {
    provider: { name: "own", type: "pulumi:providers:azure-native", properties },
  });

/** Rules on the options of resources, and on providers. */
export const optionRefusals: Refusal[] = [
  ...refusals("resource-protected", {
    "an IoT Hub of prod that is not protected": ["terminals-hub", unprotectInProd("terminals-hub")],
    "a suffix of all names of prod that is not protected": ["names-suffix", unprotectInProd("names-suffix")],
    "an audit account of prod that is not protected": ["audit-account", unprotectInProd("audit-account")],
    "a group of operators of prod that is not protected": [
      "operators-group",
      unprotectInProd("operators-group"),
    ],
  }),
  ...refusals("resource-no-ignored-changes", {
    "an account whose minimum TLS version is ignored": [
      "files-account",
      setOptions("files-account", { ignoreChanges: ["minimumTlsVersion"] }),
    ],
    "a role assignment all of whose changes are ignored": [
      "operators-audit",
      setOptions("operators-audit", { ignoreChanges: ["*"] }),
    ],
  }),
  ...refusals("resource-no-aliases", {
    "an IoT Hub with the alias of another name": [
      "terminals-hub",
      setOptions("terminals-hub", { aliases: [hubUrn("old-hub")] }),
    ],
    "a files account that takes over the audit account's state": [
      "files-account",
      setOptions("files-account", {
        aliases: [
          "urn:pulumi:dev::terminal-fleet::terminal-fleet:components:AuditLog$azure-native:storage:StorageAccount::audit-account",
        ],
      }),
    ],
  }),
  ...refusals("provider-settings", {
    "a resource in another subscription": [
      "terminals-hub",
      ownProvider({ subscriptionId: "99999999-9999-9999-9999-999999999999" }),
    ],
    "a resource in another cloud": ["terminals-hub", ownProvider({ environment: "china" })],
    "a resource in another tenant": ["terminals-hub", ownProvider({ auxiliaryTenantIds: ["t"] })],
    "a provider with a secret": ["added", addProvider("azure-native", { clientSecret: "a secret" })],
    "a provider whose plugin comes from elsewhere": [
      "added",
      addProvider("azure-native", { pluginDownloadURL: "https://outside.example.net" }),
    ],
    "a provider in a region outside the fleet's": [
      "added",
      addProvider("azure-native", { location: "eastus" }),
    ],
  }),
  ...refusals("resource-subscription", {
    "a provider with the name of a default one in another subscription": [
      "terminals-hub",
      setOptions("terminals-hub", {
        provider: {
          name: "default_own",
          type: "pulumi:providers:azure-native",
          properties: { subscriptionId: "99999999-9999-9999-9999-999999999999" },
        },
      }),
    ],
  }),
];
