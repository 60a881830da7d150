import { z } from "zod";
import { type Check, type CheckInputs, couldNotTell, count, type Finding, failed, passed } from "../check.ts";
import { worstOf } from "../worst-finding.ts";

/** One SKU, as Microsoft.Storage/skus and Microsoft.ApiManagement/skus list it. */
const sku = z.looseObject({
  resourceType: z.string().nullish(),
  name: z.string().nullish(),
  kind: z.string().nullish(),
  locations: z.array(z.string()).nullish(),
  restrictions: z
    .array(
      z.looseObject({
        values: z.array(z.string()).nullish(),
        restrictionInfo: z.looseObject({ locations: z.array(z.string()).nullish() }).nullish(),
        reasonCode: z.string().nullish(),
      }),
    )
    .nullish(),
});

type Sku = z.infer<typeof sku>;

/** The types whose SKUs Azure lists for a subscription, and the name of the type in that list. */
const listedTypes = [
  {
    type: "Microsoft.Storage/storageAccounts",
    listed: "storageAccounts",
    path: "Microsoft.Storage/skus?api-version=2024-01-01",
  },
  {
    type: "Microsoft.ApiManagement/service",
    listed: "service",
    path: "Microsoft.ApiManagement/skus?api-version=2024-05-01",
  },
];

/**
 * Whether the subscription can use the declared tiers in their regions. A restriction with the reason
 * NotAvailableForSubscription is about capacity (model of @azure/arm-storage, "Restriction"). IoT Hub has no such list.
 * Source: REST reference, Storage "Skus - List", API Management "Api Management Skus - List".
 */
export const skuCheck: Check = {
  id: "skus",
  async run(inputs) {
    const findings = await Promise.all(listedTypes.map((listed) => checkType(listed, inputs)));
    return worstOf(
      findings.flat(),
      `${count(findings.flat().length, "declared tier")} can be used in this subscription; API Management may still lack capacity when it is deployed`,
    );
  },
};

async function checkType(
  { type, listed, path }: (typeof listedTypes)[number],
  { azure, declaration, subscriptionId, signal }: CheckInputs,
): Promise<Finding[]> {
  const wanted = new Map<string, { name: string; kind: string | undefined; location: string }>();
  for (const { body, ...resource } of declaration.resources) {
    if (resource.type !== type || !body.sku?.name || !body.location) continue;
    const { location, kind } = body;
    wanted.set(`${body.sku.name} ${kind} ${location}`, { name: body.sku.name, kind, location });
  }
  if (wanted.size === 0) return [];
  const skus = await azure.list(`/subscriptions/${subscriptionId}/providers/${path}`, sku, signal);
  const ofType = skus.filter(({ resourceType }) => resourceType === listed);
  return [...wanted.values()].map(({ name, kind, location }) => {
    const same = ofType.filter((each) => each.name === name && (!each.kind || each.kind === kind));
    return judge(`${name} of ${type}`, location, same);
  });
}

function judge(what: string, location: string, skus: Sku[]): Finding {
  const byHand = `Look it up in the portal: create the resource in ${location} up to the last page, and do not confirm.`;
  if (skus.length === 0) return couldNotTell(`Azure's list does not name the tier ${what}`, byHand);
  const here = skus.filter(({ locations }) => locations?.some((each) => isSame(each, location)));
  if (here.length === 0)
    return failed(`${location} does not offer ${what}`, "Choose another tier in the stack's settings.");
  const restriction = here
    .flatMap(({ restrictions }) => restrictions ?? [])
    .find(({ values, restrictionInfo }) =>
      [...(values ?? []), ...(restrictionInfo?.locations ?? [])].some((each) => isSame(each, location)),
    );
  if (!restriction) return passed(`${location} offers ${what}`);
  return failed(
    `this subscription cannot use ${what} in ${location} (${restriction.reasonCode ?? "restricted"})`,
    `Ask Microsoft to lift the restriction: Azure portal > Help + support > Service and subscription limits (quotas).`,
  );
}

/** Azure writes regions as westeurope and as West Europe. */
function isSame(one: string, other: string): boolean {
  const plain = (name: string) => name.toLowerCase().replaceAll(" ", "");
  return plain(one) === plain(other);
}
