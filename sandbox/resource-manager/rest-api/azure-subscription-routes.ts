import { apiVersionsOf } from "../api-versions.ts";
import { ArmError } from "../arm-error.ts";
import { region } from "../regions.ts";
import { resourceTypes } from "../resource-type-registry.ts";
import { isRegistered } from "../subscription-checks.ts";
import { readConditions, writeConditions } from "../subscription-conditions.ts";
import { type ManagementApp, type ManagementContext, type ManagementParts, writtenPath } from "./routes.ts";

/** Namespaces without a deployable type here that a client may ask for. */
const otherNamespaces = ["Microsoft.PolicyInsights", "Microsoft.Authorization", "Microsoft.Resources"];
const namespaces = [...new Set([...resourceTypes.map(({ type }) => namespaceOf(type)), ...otherNamespaces])];

/**
 * Adds reads of the subscription itself: its state, the registrations of its resource providers, and the caller's
 * permissions. Sources: REST reference, "Subscriptions", "Providers" and "Permissions"; the list of permissions at the
 * subscription itself is not in the reference, and Azure answers it (Azure/azure-rest-api-specs#19473).
 */
export function addAzureSubscriptionRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const scope = `/subscriptions/${azure.subscriptionId}`;

  const subscription = () => {
    const { state, spendingLimit } = readConditions(azure);
    return {
      id: scope,
      subscriptionId: azure.subscriptionId,
      tenantId: azure.tenantId,
      displayName: "Sandbox",
      state,
      subscriptionPolicies: {
        locationPlacementId: "Public_2014-09-01",
        quotaId: "PayAsYouGo_2014-09-01",
        spendingLimit,
      },
      authorizationSource: "RoleBased",
    };
  };

  app.get("/subscriptions", (context) => {
    // Azure lists the subscriptions in which the caller has any role.
    const roles = azure.access.definitionsAt(context.get("objectId"), scope);
    return context.json({ value: roles.length > 0 ? [subscription()] : [] });
  });

  app.get("/subscriptions/:s", (context) => {
    context.get("manager").authorize("Microsoft.Resources/subscriptions/read", scope);
    return context.json(subscription());
  });

  // Source: REST reference, "Tenants - List".
  app.get("/tenants", (context) =>
    context.json({
      value: [
        {
          id: `/tenants/${azure.tenantId}`,
          tenantId: azure.tenantId,
          tenantCategory: "Home",
          displayName: "Sandbox",
          defaultDomain: "sandbox.onmicrosoft.com",
          domains: ["sandbox.onmicrosoft.com"],
          countryCode: "NO",
          tenantType: "AAD",
        },
      ],
    }),
  );

  const providerOf = (namespace: string) => ({
    id: `${scope}/providers/${namespace}`,
    namespace,
    registrationState: isRegistered(namespace, azure) ? "Registered" : "NotRegistered",
    registrationPolicy: "RegistrationRequired",
    resourceTypes: resourceTypes
      .filter(({ type }) => namespaceOf(type) === namespace)
      .map(({ type, regions = [] }) => ({
        resourceType: type.slice(namespace.length + 1),
        locations: regions.map((name) => region(name)?.displayName ?? name),
        apiVersions: apiVersionsOf(type),
      })),
  });
  const knownNamespace = (asked: string) => {
    const namespace = namespaces.find((each) => each.toLowerCase() === asked.toLowerCase());
    if (namespace) return namespace;
    throw new ArmError(404, "InvalidResourceNamespace", `The resource namespace '${asked}' is invalid.`);
  };

  app.get("/subscriptions/:s/providers", (context) => {
    context.get("manager").authorize("Microsoft.Resources/subscriptions/providers/read", scope);
    return context.json({ value: namespaces.map(providerOf) });
  });

  app.get("/subscriptions/:s/providers/:namespace", (context) => {
    context.get("manager").authorize("Microsoft.Resources/subscriptions/providers/read", scope);
    return context.json(providerOf(knownNamespace(context.req.param("namespace"))));
  });

  // Source: REST reference, "Providers - Register" and "Unregister". In Azure a registration takes minutes.
  for (const action of ["register", "unregister"]) {
    app.post(`/subscriptions/:s/providers/:namespace/${action}`, (context) => {
      const namespace = knownNamespace(context.req.param("namespace"));
      context.get("manager").authorize(`${namespace}/${action}/action`, scope);
      const conditions = readConditions(azure);
      const others = conditions.unregisteredProviders.filter(
        (each) => each.toLowerCase() !== namespace.toLowerCase(),
      );
      const unregisteredProviders = action === "register" ? others : [...others, namespace];
      writeConditions(azure, { ...conditions, unregisteredProviders });
      return context.json(providerOf(namespace));
    });
  }

  const permissions = (context: ManagementContext) => {
    const path = writtenPath(context);
    const at = path.slice(0, path.toLowerCase().lastIndexOf("/providers/microsoft.authorization"));
    context.get("manager").authorize("Microsoft.Authorization/permissions/read", at);
    const value = azure.access.definitionsAt(context.get("objectId"), at).map((definition) => ({
      actions: definition.actions,
      notActions: definition.notActions ?? [],
      dataActions: definition.dataActions ?? [],
      notDataActions: definition.notDataActions ?? [],
    }));
    return context.json({ value });
  };
  app.get("/subscriptions/:s/providers/microsoft.authorization/permissions", permissions);
  app.get("/subscriptions/:s/resourcegroups/:g/providers/microsoft.authorization/permissions", permissions);
}

function namespaceOf(type: string): string {
  return type.split("/")[0] as string;
}
