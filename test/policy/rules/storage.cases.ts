import { added, edit, inOrder, type Refusal, refusals, remove, set } from "../changes.ts";

/** Rules on one storage account, blob service, container or table. */
const resourceRefusals: Refusal[] = [
  ...refusals("storage-account-minimum-tls", {
    "a files account that accepts TLS 1.0": edit("files-account", "minimumTlsVersion", "TLS1_0"),
    "a key table account without a minimum TLS version": edit(
      "flow-keys-account",
      "minimumTlsVersion",
      undefined,
    ),
  }),
  ...refusals("storage-account-https-only", {
    "an account that accepts plain HTTP": edit("files-account", "enableHttpsTrafficOnly", false),
  }),
  ...refusals("storage-account-sas-lifetime", {
    "an account with a SAS policy of 30 days and a second": edit(
      "files-account",
      "sasPolicy.sasExpirationPeriod",
      "30.00:00:01",
    ),
    "a SAS period that is no period": edit("files-account", "sasPolicy.sasExpirationPeriod", "a while"),
    "a SAS policy that only logs": edit("files-account", "sasPolicy.expirationAction", "Log"),
    "an account without a SAS policy": edit("flow-keys-account", "sasPolicy", undefined),
  }),
  ...refusals("storage-account-key-expiry", {
    "an account without a key policy": edit("files-account", "keyPolicy", undefined),
    "account keys that are valid for 365 days": edit(
      "files-account",
      "keyPolicy.keyExpirationPeriodInDays",
      365,
    ),
  }),
  ...refusals("storage-account-no-public-access", {
    "an account that allows anonymous access": edit("files-account", "allowBlobPublicAccess", true),
    "an account that leaves anonymous access to Azure's default": edit(
      "files-account",
      "allowBlobPublicAccess",
      undefined,
    ),
  }),
  ...refusals("blob-container-no-public-access", {
    "an audit container with public blobs": edit("audit-container", "publicAccess", "Blob"),
  }),
  ...refusals("blob-service-no-cors", {
    "a blob service that allows CORS for every origin": edit("files-blobs", "cors", {
      corsRules: [{ allowedOrigins: ["*"] }],
    }),
  }),
  ...refusals("storage-account-no-local-users", {
    "an account with local users": edit("files-account", "isLocalUserEnabled", true),
    "an account with SFTP": edit("files-account", "isSftpEnabled", true),
  }),
  ...refusals("storage-account-no-nfs", {
    "an account that serves NFS": edit("files-account", "enableNfsV3", true),
  }),
  ...refusals("storage-account-no-cross-tenant-replication", {
    "an account that leaves cross-tenant replication to Azure's default": edit(
      "files-account",
      "allowCrossTenantReplication",
      undefined,
    ),
  }),
  ...refusals("storage-account-copy-scope", {
    "an account without a copy scope": edit("files-account", "allowedCopyScope", undefined),
  }),
  ...refusals("storage-account-trusted-services", {
    "a firewall without an exception for Azure's services": edit(
      "files-account",
      "networkRuleSet.bypass",
      "None",
    ),
  }),
  ...refusals("storage-account-infrastructure-encryption", {
    "an account without infrastructure encryption": edit(
      "files-account",
      "encryption.requireInfrastructureEncryption",
      undefined,
    ),
  }),
  ...refusals("storage-account-zone-redundant", {
    "an account with locally redundant storage": edit("flow-keys-account", "sku.name", "Standard_LRS"),
  }),
  ...refusals("storage-account-no-geo-replication", {
    "geo-zone-redundant storage without a reason": edit("files-account", "sku.name", "Standard_GZRS"),
    "readable geo-zone-redundant storage without a reason": edit(
      "files-account",
      "sku.name",
      "Standard_RAGZRS",
    ),
    "geo-zone-redundant storage with a reason of 7 characters": [
      "files-account",
      inOrder(
        set("files-account", "sku.name", "Standard_GZRS"),
        set("files-account", "tags.geoReplicationReason", "because"),
      ),
    ],
  }),
  ...refusals("storage-account-no-static-website", {
    "a static website": added("azure-native:storage:StorageAccountStaticWebsite"),
    "a static website of a versioned package": added(
      "azure-native_storage_v20230101:storage:StorageAccountStaticWebsite",
    ),
  }),
  ...refusals("storage-account-no-object-replication", {
    "an object replication policy": added("azure-native:storage:ObjectReplicationPolicy"),
  }),
  ...refusals("storage-account-no-declared-blobs", {
    "a declared blob": added("azure-native:storage:Blob"),
  }),
  ...refusals("table-no-stored-access-policy", {
    "a key table with a stored access policy": edit("flow-keys-table", "signedIdentifiers", [{ id: "all" }]),
  }),
];

/** Rules on what an account holds. */
const purposeRefusals: Refusal[] = [
  ...refusals("storage-account-shared-key-access", {
    "a files account without account keys": edit("files-account", "allowSharedKeyAccess", false),
    "a files account that leaves account keys to Azure's default": edit(
      "files-account",
      "allowSharedKeyAccess",
      undefined,
    ),
    "an audit account with account keys": edit("audit-account", "allowSharedKeyAccess", true),
    "a key table account with account keys": edit("flow-keys-account", "allowSharedKeyAccess", true),
  }),
  ...refusals("storage-account-region", {
    "a files account in Norway East": edit("files-account", "location", "Norway East"),
    "a files account in Norway East, also when its account keys are off": [
      "files-account",
      inOrder(
        set("files-account", "allowSharedKeyAccess", false),
        set("files-account", "location", "norwayeast"),
      ),
    ],
    "an audit account in Norway East": edit("audit-account", "location", "norwayeast"),
    "a key table account in West Europe": edit("flow-keys-account", "location", "westeurope"),
  }),
  ...refusals("storage-account-one-per-purpose", {
    "a second account for files": added("azure-native:storage:StorageAccount"),
    "a stack without a files account": ["terminal-fleet-dev", remove("files-account")],
    "a files account that is tagged as the audit account": edit("files-account", "tags.holds", "audit"),
    "a files account with an unknown tag": edit("files-account", "tags.holds", "letters"),
    "an audit account that is tagged as a files account": edit("audit-account", "tags.holds", "files"),
    "a lifecycle policy of an account outside the stack": [
      "files-lifecycle",
      set("files-lifecycle", "accountName", "stelsewhere"),
    ],
    "a container in an account outside the stack": added("azure-native:storage:BlobContainer", {
      accountName: "stelsewhere",
      publicAccess: "None",
    }),
  }),
];

export const storageRefusals: Refusal[] = [...resourceRefusals, ...purposeRefusals];
