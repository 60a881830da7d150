import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { durationMs } from "../../../resource-manager/duration.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";

const service =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}";

/** Microsoft.ApiManagement/service/backends. */
export const backend: ResourceType = {
  type: "Microsoft.ApiManagement/service/backends",
  token: "azure-native:apimanagement:Backend",
  apiVersion: "2024-05-01",
  path: `${service}/backends/{backendId}`,
  autoName: "copy",
  inputs: optional({
    circuitBreaker: enforced(
      optional({
        rules: z.array(
          optional({
            acceptRetryAfter: flag,
            failureCondition: optional({
              count: whole,
              errorReasons: z.array(text.max(200)),
              interval: text,
              percentage: whole,
              statusCodeRanges: z.array(
                optional({ max: whole.min(200).max(599), min: whole.min(200).max(599) }),
              ),
            }),
            name: text,
            tripDuration: text,
          }),
        ),
      }),
      "the gateway stops calls to a backend that fails; percentages and acceptRetryAfter are refused",
    ),
    credentials: optional({
      authorization: enforced(
        z.strictObject({ parameter: text.min(1).max(300), scheme: text.min(1).max(100) }),
        "the gateway sends it as the Authorization header",
      ),
      certificate: restricted(z.array(text).max(32), "client certificates are refused"),
      certificateIds: restricted(z.array(text).max(32), "client certificates are refused"),
      header: enforced(z.record(text, z.array(text)), "the gateway sends these headers"),
      query: enforced(z.record(text, z.array(text)), "the gateway sends these query parameters"),
    }),
    description: noEffect(text.min(1).max(2000), "a text for people"),
    protocol: restricted(z.enum(["http", "soap"]), "everything but http is refused"),
    resourceId: noEffect(text.min(1).max(2000), "the gateway calls the url"),
    title: noEffect(text.min(1).max(300), "a text for people"),
    tls: enforced(
      optional({ validateCertificateChain: flag, validateCertificateName: flag }),
      "false: the gateway accepts the backend's certificate without this check",
    ),
    type: restricted(z.enum(["Single", "Pool"]), "Pool is refused"),
    url: enforced(text.min(1).max(2000), "the gateway forwards calls to it"),
  }),
  topLevel: [],
  computed: [],

  check({ resource }) {
    const { url, protocol, type, circuitBreaker, credentials } = resource.properties;
    if (!/^\w[\w-]{0,78}\w$|^\w$/.test(resource.name))
      throw invalid(`'${resource.name}' is not a backend ID.`);
    if (type === "Pool") throw new NotInSandboxError("pools of backends in API Management");
    checkCircuitBreaker(circuitBreaker as CircuitBreaker | undefined);
    const { certificate, certificateIds } = (credentials ?? {}) as Record<string, unknown>;
    if (certificate ?? certificateIds) throw new NotInSandboxError("client certificates to backends");
    if (protocol !== "http") throw invalid("protocol must be 'http'.");
    if (typeof url !== "string" || !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      throw invalid(`'${String(url)}' is not a valid URL.`);
    }
  },

  complete({ resource }) {
    resource.properties = { type: "Single", ...resource.properties };
  },
};

interface CircuitBreaker {
  rules?: {
    name?: string;
    acceptRetryAfter?: boolean;
    tripDuration?: string;
    failureCondition?: {
      count?: number;
      percentage?: number;
      interval?: string;
      statusCodeRanges?: { min?: number; max?: number }[];
      errorReasons?: string[];
    };
  }[];
}

/** Source: "Backends in API Management", circuit breaker: one rule for a backend. */
function checkCircuitBreaker(breaker: CircuitBreaker | undefined): void {
  const [rule, second] = breaker?.rules ?? [];
  if (second) throw invalid("A circuit breaker can have one rule only.");
  if (!rule) return;
  const { failureCondition, tripDuration, acceptRetryAfter } = rule;
  if (acceptRetryAfter) throw new NotInSandboxError("acceptRetryAfter of circuit breakers in API Management");
  if (failureCondition?.percentage !== undefined) {
    throw new NotInSandboxError("percentages of circuit breakers in API Management");
  }
  const { count, interval, statusCodeRanges = [], errorReasons = [] } = failureCondition ?? {};
  if (!rule.name) throw invalid("A rule of a circuit breaker must have a name.");
  if (!count || count < 1) throw invalid("failureCondition.count must be at least 1.");
  for (const duration of [interval, tripDuration]) {
    if (!duration || !(durationMs(duration) > 0)) throw invalid(`'${duration}' is not an ISO 8601 duration.`);
  }
  if (statusCodeRanges.length + errorReasons.length === 0) {
    throw invalid("failureCondition must have statusCodeRanges or errorReasons.");
  }
  if (statusCodeRanges.some(({ min = 0, max = 0 }) => min > max)) {
    throw invalid("A range of status codes must have a min that is not above its max.");
  }
}

/** Microsoft.ApiManagement/service/namedValues. The value of a secret is stored, and only listValue returns it. */
export const namedValue: ResourceType = {
  type: "Microsoft.ApiManagement/service/namedValues",
  token: "azure-native:apimanagement:NamedValue",
  apiVersion: "2024-05-01",
  path: `${service}/namedValues/{namedValueId}`,
  autoName: "copy",
  inputs: z.strictObject({
    displayName: enforced(text.regex(/^[A-Za-z0-9-._]{1,256}$/), "the name that policies write in {{ }}"),
    value: enforced(text.min(1).max(4096), "policies run with it"),
    secret: enforced(flag, "true: the value is returned by listValue only, and never logged").optional(),
    tags: noEffect(z.array(text).max(32), "labels for people").optional(),
  }),
  topLevel: [],
  actions: ["listValue/action"],
  computed: ["provisioningState"],
  writeOnly: ({ properties }) => (properties.secret ? ["value"] : []),

  check({ resource }, azure) {
    if (!/^[^*#&+:<>?]{1,256}$/.test(resource.name)) throw invalid(`'${resource.name}' is not a valid ID.`);
    const parent = resource.id.slice(0, resource.id.lastIndexOf("/namedValues/"));
    const twin = azure.resources
      .below(parent)
      .find(
        (other) =>
          other.type === resource.type &&
          other.id.toLowerCase() !== resource.id.toLowerCase() &&
          other.properties.displayName === resource.properties.displayName,
      );
    if (twin) throw invalid(`The named value '${twin.name}' has that display name already.`);
  },

  complete({ resource }) {
    resource.properties = { secret: false, ...resource.properties, provisioningState: "Succeeded" };
  },
};

function invalid(message: string): ArmError {
  return new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${message}`);
}
