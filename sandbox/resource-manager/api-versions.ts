/**
 * The API versions that Azure Resource Manager knows, by the beginning of a resource type. Sources: the versions that
 * @pulumi/azure-native 3.28 was generated from (the aliases of its resources), for Microsoft.Resources also the list in
 * Resource Manager's own error message (Azure/azure-cli#28038). A version that is newer than these lists is refused too.
 */
const versions: [typeOrNamespace: string, versions: string][] = [
  [
    "Microsoft.Resources",
    `2025-04-01 2025-03-01 2024-11-01 2024-07-01 2024-03-01 2023-07-01-preview 2023-07-01
    2023-03-01-preview 2022-12-01 2022-11-01-preview 2022-09-01 2022-06-01 2022-05-01 2022-03-01-preview
    2022-01-01 2021-04-01 2021-01-01 2020-10-01 2020-09-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01
    2020-01-01 2019-11-01 2019-10-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-05-10 2019-05-01
    2019-03-01 2018-11-01 2018-09-01 2018-08-01 2018-07-01 2018-06-01 2018-05-01 2018-02-01 2018-01-01
    2017-12-01 2017-08-01 2017-06-01 2017-05-10 2017-05-01 2017-03-01 2016-09-01 2016-07-01 2016-06-01
    2016-02-01 2015-11-01 2015-01-01 2014-04-01-preview 2014-04-01 2014-01-01 2013-03-01`,
  ],
  [
    "Microsoft.Storage",
    `2026-04-01 2025-08-01 2025-06-01 2025-01-01 2024-01-01 2023-05-01 2023-04-01 2023-01-01 2022-09-01
    2022-05-01 2021-09-01 2021-08-01 2021-06-01 2021-04-01 2021-02-01 2021-01-01 2020-08-01-preview
    2019-06-01 2019-04-01 2018-11-01 2018-07-01 2018-03-01-preview 2018-02-01 2017-10-01 2017-06-01
    2016-12-01 2016-05-01 2016-01-01 2015-06-15 2015-05-01-preview`,
  ],
  [
    "Microsoft.Devices",
    `2026-05-01-preview 2026-03-01-preview 2025-08-01-preview 2023-06-30-preview 2023-06-30
    2022-11-15-preview 2022-04-30-preview 2021-07-02-preview 2021-07-02 2021-07-01-preview 2021-07-01
    2021-03-31 2021-03-03-preview 2021-02-01-preview 2020-08-31-preview 2020-08-31 2020-08-01
    2020-07-10-preview 2020-06-15 2020-04-01 2020-03-01 2019-11-04 2019-07-01-preview 2019-03-22-preview
    2019-03-22 2018-12-01-preview 2018-04-01 2018-01-22 2017-07-01 2017-01-19 2016-02-03`,
  ],
  [
    "Microsoft.ApiManagement",
    `2025-09-01-preview 2025-03-01-preview 2024-10-01-preview 2024-06-01-preview 2024-05-01
    2023-09-01-preview 2023-05-01-preview 2023-03-01-preview 2022-09-01-preview 2022-08-01
    2022-04-01-preview 2021-12-01-preview 2021-08-01 2021-04-01-preview 2021-01-01-preview 2020-12-01
    2020-06-01-preview 2019-12-01-preview 2019-12-01 2019-01-01 2018-06-01-preview 2018-01-01 2017-03-01
    2016-10-10 2016-07-07`,
  ],
  [
    "Microsoft.OperationalInsights",
    `2025-07-01 2025-02-01 2023-09-01 2022-10-01 2021-12-01-preview 2021-06-01 2020-10-01 2020-08-01
    2020-03-01-preview 2015-11-01-preview`,
  ],
  ["Microsoft.Insights/diagnosticSettings", `2021-05-01-preview 2017-05-01-preview 2016-09-01`],
  ["Microsoft.Insights/metricAlerts", `2026-01-01 2024-03-01-preview 2018-03-01`],
  [
    "Microsoft.Insights/scheduledQueryRules",
    `2026-03-01 2025-01-01-preview 2024-01-01-preview 2023-12-01 2023-03-15-preview 2022-08-01-preview
    2022-06-15 2021-08-01 2021-02-01-preview 2020-05-01-preview 2018-04-16`,
  ],
  [
    "Microsoft.Insights/actionGroups",
    `2024-10-01-preview 2023-09-01-preview 2023-01-01 2022-06-01 2022-04-01 2021-09-01 2019-06-01
    2019-03-01 2018-09-01 2018-03-01 2017-04-01`,
  ],
  [
    "Microsoft.Authorization",
    `2025-03-01 2025-01-01 2024-05-01 2024-04-01 2023-04-01 2022-06-01 2022-05-01-preview 2022-04-01
    2021-06-01 2020-10-01-preview 2020-10-01 2020-08-01-preview 2020-04-01-preview 2020-03-01-preview
    2018-09-01-preview 2018-07-01 2018-01-01-preview 2017-10-01-preview 2016-07-01 2015-07-01 2015-06-01`,
  ],
];

/** The API versions of a resource type or of a namespace, the newest first; empty for an unknown one. */
export function apiVersionsOf(type: string): string[] {
  const asked = type.toLowerCase();
  const found = versions.find(([start]) => `${asked}/`.startsWith(`${start.toLowerCase()}/`));
  return found ? found[1].split(/\s+/) : [];
}
