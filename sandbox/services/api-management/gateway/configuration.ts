import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import { type CompiledPolicy, compilePolicy, defaultPolicy } from "../policy/compile-policy.ts";
import type { PolicyFormat } from "../policy/document.ts";
import type { BackendTarget } from "./exchange.ts";
import type { LogSettings } from "./gateway-log.ts";
import { type ApiRoute, routeOf } from "./routing.ts";

const serviceType = "microsoft.apimanagement/service";

/** Minimum length of a masked value. Masking shorter values would make the log unreadable. */
const shortestSecret = 4;

/** A declared subscription with its two keys. */
export interface Subscription {
  sid: string;
  displayName: string;
  state: string;
  /** Full resource ID of the service, of all its APIs, or of one API. */
  scope: string;
  primaryKey: string;
  secondaryKey: string;
}

/** The compiled configuration of one API Management service. */
export interface Configuration {
  service: Resource;
  apis: ApiRoute[];
  subscriptionByKey: Map<string, Subscription>;
  backends: Map<string, BackendTarget>;
  /** What the log has of calls of an API; undefined without a diagnostic. */
  logSettingsOf(api: ApiRoute): LogSettings | undefined;
  /** The policy of an API; undefined when its document does not compile. */
  policyOf(api: ApiRoute): CompiledPolicy | undefined;
  /** A log line in which {{name}} replaces every secret named value. */
  masked(line: string): string;
}

/** The configurations of all services. A changed resource invalidates its service's configuration. */
export class Configurations {
  private readonly azure: AzureEnvironment;
  private readonly services = new Map<string, Resource>();
  private readonly made = new Map<string, Configuration>();
  private readonly policies = new Map<string, { from: string; policy: CompiledPolicy | undefined }>();
  private readonly stop: () => void;

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
    for (const service of azure.resources.list(serviceType)) this.put(service);
    const put = (resource: Resource) => this.put(resource);
    const gone = (resource: Resource) => this.remove(resource);
    azure.resources.on("put", put).on("delete", gone);
    this.stop = () => azure.resources.off("put", put).off("delete", gone);
  }

  /** The service with this name. The name is in lower case. */
  named(name: string): Configuration | undefined {
    const service = this.services.get(name);
    if (!service) return undefined;
    const known = this.made.get(name);
    if (known) return known;
    const configuration = this.make(service);
    this.made.set(name, configuration);
    return configuration;
  }

  has(name: string): boolean {
    return this.services.has(name);
  }

  close(): void {
    this.stop();
  }

  private put(resource: Resource): void {
    if (resource.type.toLowerCase() === serviceType) this.services.set(resource.name.toLowerCase(), resource);
    this.forget(resource);
  }

  private remove(resource: Resource): void {
    if (resource.type.toLowerCase() === serviceType) this.services.delete(resource.name.toLowerCase());
    this.policies.delete(resource.id.toLowerCase());
    this.forget(resource);
  }

  private forget(resource: Resource): void {
    if (!resource.type.toLowerCase().startsWith(serviceType)) return;
    const name = /\/service\/([^/]+)/i.exec(resource.id)?.[1]?.toLowerCase();
    if (name !== undefined) this.made.delete(name);
  }

  private make(service: Resource): Configuration {
    const all = this.azure.resources.below(service.id);
    const of = (type: string) => all.filter((each) => each.type.toLowerCase() === `${serviceType}/${type}`);
    const values = new Map(
      of("namedvalues").map(({ properties }) => [properties.displayName, properties.value]),
    );
    const named = (name: string) => values.get(name) as string | undefined;
    const backends = new Map(of("backends").map((each) => [each.name.toLowerCase(), target(each, named)]));
    const policies = of("apis/policies");
    const secrets = of("namedvalues")
      .map(({ properties }) => properties as { displayName: string; value?: string; secret?: boolean })
      .filter(({ secret, value }) => secret && value !== undefined && value.length >= shortestSecret);
    const diagnostics = of("apis/diagnostics");
    const subscriptions = of("subscriptions").map(subscription);
    return {
      service,
      apis: of("apis").map((api) => routeOf(api, of("apis/operations"))),
      subscriptionByKey: new Map(
        subscriptions.flatMap((each) => [
          [each.primaryKey, each],
          [each.secondaryKey, each],
        ]),
      ),
      backends,
      masked: (line) =>
        secrets.reduce((text, { displayName, value }) => text.replaceAll(value!, `{{${displayName}}}`), line),
      logSettingsOf: (api) =>
        diagnostics.find(({ id }) => id.toLowerCase().startsWith(`${api.id.toLowerCase()}/diagnostics/`))
          ?.properties as LogSettings | undefined,
      policyOf: (api) => {
        const policy = policies.find((each) =>
          each.id.toLowerCase().startsWith(`${api.id.toLowerCase()}/policies/`),
        );
        return policy ? this.compiled(policy, service, named, backends) : defaultPolicy;
      },
    };
  }

  /** Compiles a policy once after each change of it or of a named value in it. */
  private compiled(
    resource: Resource,
    service: Resource,
    named: (name: string) => string | undefined,
    backends: Map<string, BackendTarget>,
  ): CompiledPolicy | undefined {
    const { value, format } = resource.properties as { value: string; format?: PolicyFormat };
    const tier = String(service.sku?.name).toLowerCase().endsWith("v2") ? "v2" : "classic";
    const used = [...value.matchAll(/\{\{([A-Za-z0-9\-._]+)\}\}/g)].map(([, name]) => named(name as string));
    const from = JSON.stringify([value, format, tier, used]);
    const id = resource.id.toLowerCase();
    const known = this.policies.get(id);
    if (known?.from === from) return known.policy;
    const { policy, problems } = compilePolicy(value, format ?? "xml", {
      tier,
      namedValue: named,
      hasBackend: (backend) => backends.has(backend.toLowerCase()),
    });
    this.azure.log(`api-management ${service.name}: read the policy ${resource.id}`);
    for (const problem of problems) this.azure.log(`api-management ${service.name}: ${problem.message}`);
    const kept = problems.length === 0 ? policy : undefined;
    this.policies.set(id, { from, policy: kept });
    return kept;
  }
}

function subscription(resource: Resource): Subscription {
  const { displayName, state, scope, primaryKey, secondaryKey } = resource.properties as Record<
    string,
    string
  >;
  return {
    sid: resource.name,
    displayName: displayName ?? resource.name,
    state: state ?? "submitted",
    scope: scope ?? "",
    primaryKey: primaryKey ?? "",
    secondaryKey: secondaryKey ?? "",
  };
}

interface Credentials {
  header?: Record<string, string[]>;
  query?: Record<string, string[]>;
  authorization?: { scheme: string; parameter: string };
}

/** A Backend entity. Its credentials may contain named values. */
function target(resource: Resource, named: (name: string) => string | undefined): BackendTarget {
  const { url, credentials, tls, circuitBreaker } = resource.properties as {
    url: string;
    credentials?: Credentials;
    tls?: { validateCertificateChain?: boolean; validateCertificateName?: boolean };
    circuitBreaker?: { rules?: DeclaredBreakerRule[] };
  };
  const filled = (text: string) =>
    text.replace(/\{\{([A-Za-z0-9\-._]+)\}\}/g, (all, name: string) => named(name) ?? all);
  const each = (values: Record<string, string[]> = {}) =>
    Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.map(filled)]));
  const { scheme, parameter } = credentials?.authorization ?? {};
  return {
    url,
    headers: {
      ...each(credentials?.header),
      ...(scheme ? { Authorization: [filled(`${scheme} ${parameter}`)] } : {}),
    },
    query: each(credentials?.query),
    tls: { chain: tls?.validateCertificateChain ?? true, name: tls?.validateCertificateName ?? true },
    breaker: breakerOf(resource.id, circuitBreaker?.rules?.[0]),
  };
}

/** A rule as it is declared. resource-types/api-backend.ts accepts one rule, with a count. */
interface DeclaredBreakerRule {
  failureCondition: {
    count: number;
    interval: string;
    statusCodeRanges?: { min: number; max: number }[];
    errorReasons?: string[];
  };
  tripDuration: string;
}

function breakerOf(backendId: string, rule: DeclaredBreakerRule | undefined): BackendTarget["breaker"] {
  if (!rule) return undefined;
  const { count, interval, statusCodeRanges = [], errorReasons = [] } = rule.failureCondition;
  return {
    backendId: backendId.toLowerCase(),
    rule: {
      count,
      intervalMs: durationMs(interval),
      tripMs: durationMs(rule.tripDuration),
      statusCodeRanges,
      errorReasons: errorReasons.map((reason) => reason.toLowerCase()),
    },
  };
}
