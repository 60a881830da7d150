import { refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";
import { blob } from "../stack/refused-types.ts";

export const storageAccountNoDeclaredBlobs: ResourceRule = {
  id: "storage-account-no-declared-blobs",
  severity: "medium",
  description: "The program declares no blobs.",
  reason:
    "Pulumi keeps a declared blob's content in the state, outside the region and after the deletion date.",
  remedy: "Remove the resource; upload files with `npx terminals send`.",
  sources: [pulumiDocs("State and backends", "iac/concepts/state-and-backends")],
  check: refuseType(blob, "Pulumi keeps its content in the state"),
};
