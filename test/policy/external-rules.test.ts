import { expect, test } from "vitest";
import { rules } from "../../policies/rules.ts";
import { waivers } from "../../policies/waivers.ts";

/** Rules of PSRule, checkov, Azure Policy and Azure Verified Modules for the declared types, which the design can meet. */
const externalRules: Record<string, string[]> = {
  "storage accounts and containers": [
    ...["AZR-000196", "CKV_AZURE_3", "Azure Policy 404c3081", "AZR-000200"],
    ...["CKV_AZURE_44", "Azure Policy fe83a0eb", "AZR-000198", "CKV_AZURE_190"],
    ...["CKV2_AZURE_47", "Azure Policy 4fa4b6c0", "AZR-000201", "CKV_AZURE_43"],
    ...["Azure.Storage.Naming", "CKV_AZURE_36", "Azure Policy c9d007d0", "CKV2_AZURE_41"],
    ...["Azure Policy bc1b984e", "Azure Policy 044985bb", "Azure Policy 85b005b2", "AZR-000197"],
    ...["CKV2_AZURE_38", "AZR-000289", "Azure Policy 92a89a79", "Azure Policy 4733ea7b"],
    ...["CKV_AZURE_244", "AZR-000199", "CKV_AZURE_34", "CKV2_AZURE_21"],
  ],
  "the IoT Hub": [...["Azure Policy 672d56b3", "Azure Verified Modules", "Azure Policy 383856f8"]],
  "API Management": [
    ...["AZR-000042", "Azure Policy ee7495e7", "AZR-000044", "CKV_AZURE_215"],
    ...["AZR-000054", "AZR-000055", "AZR-000053", "AZR-000321"],
    ...["AZR-000045", "Azure Policy f1cc7827", "AZR-000043", "AZR-000049"],
    ...["AZR-000050", "AZR-000046", "AZR-000047", "AZR-000048"],
    ...["AZR-000371", "AZR-000365", "Azure Policy c15dcc82", "Azure Policy b741306c"],
  ],
  roles: [...["AZR-000203", "AZR-000204", "AZR-000205", "CKV_AZURE_39"], ...["Azure Policy a451c1ef"]],
  "all resources": [
    ...["AZR-000166", "AZR-000477", "AZR-000167", "Azure Policy e56962a6"],
    ...["AZR-000486", "AZR-000279", "AZR-000316"],
  ],
};

test.each(Object.entries(externalRules))("a rule or a waiver covers each external rule for %s", (_, ids) => {
  const covered = new Set([
    ...rules.flatMap(({ sources }) => sources.map(({ id }) => id)),
    ...waivers.flatMap(({ rules, references = [] }) => [...rules, ...references]),
  ]);
  expect(ids.filter((id) => !covered.has(id))).toEqual([]);
});
