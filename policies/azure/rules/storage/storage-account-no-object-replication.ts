import { refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { objectReplication } from "../stack/refused-types.ts";

export const storageAccountNoObjectReplication: ResourceRule = {
  id: "storage-account-no-object-replication",
  severity: "high",
  description: "A storage account does not copy its blobs to another account.",
  reason: "The copy escapes the deletion after 30 days, and may be in another region.",
  remedy: "Remove the resource.",
  sources: [microsoftLearn("Object replication", "azure/storage/blobs/object-replication-overview")],
  check: refuseType(objectReplication, "it copies blobs to another account"),
};
