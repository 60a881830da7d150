import type { ResourceRule } from "../../azure/engine/rule.ts";
import { microsoftLearn } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { formatValue, unknownValue, valueAt } from "../../azure/engine/value.ts";

export const storageAccountCopyOfFilesOnly: ResourceRule = {
  id: "storage-account-copy-of-files-only",
  severity: "high",
  description: "Only the account of the files may have a replica in another region.",
  reason: "The reason in the stack's settings is about files. The audit log and keys stay in their region.",
  remedy: "Use Standard_ZRS for every other account.",
  sources: [microsoftLearn("Azure Storage redundancy", "azure/storage/common/storage-redundancy")],
  check: {
    [types.storageAccount]: ({ properties }) => {
      const [sku, holds] = ["sku.name", "tags.holds"].map((path) => valueAt(properties, path));
      if (sku === unknownValue || holds === unknownValue || holds === "files") return [];
      if (!/(GRS|GZRS)$/.test(String(sku))) return [];
      return [
        `sku.name is ${formatValue(sku)} in an account that holds ${formatValue(holds)}; it must be "Standard_ZRS".`,
      ];
    },
  },
};
