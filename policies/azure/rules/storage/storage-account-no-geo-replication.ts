import type { Check, ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { unknownValue, valueAt } from "../../engine/value.ts";

const geoReplicatedSku = /(GRS|GZRS)$/;

/** The shortest reason that counts, in characters. The stack setting filesGeoReplicationReason has the same limit. */
const shortestReason = 20;

const hasNoUnexplainedReplica: Check = ({ properties }) => {
  const sku = valueAt(properties, "sku.name");
  const reason = valueAt(properties, "tags.geoReplicationReason");
  if (sku === unknownValue || reason === unknownValue || !geoReplicatedSku.test(String(sku))) return [];
  if (String(reason ?? "").trim().length >= shortestReason) return [];
  return [
    `sku.name is "${String(sku)}"; the tag geoReplicationReason must give a reason of at least ${shortestReason} characters.`,
  ];
};

export const storageAccountNoGeoReplication: ResourceRule = {
  id: "storage-account-no-geo-replication",
  severity: "high",
  description: "A storage account has no replica in another region, unless its tag gives a reason.",
  reason: "A replica in another region takes personal data out of its region.",
  remedy: "Use Standard_ZRS, or give the reason in the tag geoReplicationReason of the account.",
  sources: [
    microsoftLearn("Azure Storage redundancy", "azure/storage/common/storage-redundancy"),
    azurePolicy("85b005b2-95fc-4953-b9cb-f9ee6427c754"),
  ],
  check: { [types.storageAccount]: hasNoUnexplainedReplica },
};
