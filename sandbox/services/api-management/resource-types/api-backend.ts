import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
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
    circuitBreaker: optional({
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
    credentials: optional({
      authorization: z.strictObject({ parameter: text.min(1).max(300), scheme: text.min(1).max(100) }),
      certificate: z.array(text).max(32),
      certificateIds: z.array(text).max(32),
      header: z.record(text, z.array(text)),
      query: z.record(text, z.array(text)),
    }),
    description: text.min(1).max(2000),
    protocol: z.enum(["http", "soap"]),
    resourceId: text.min(1).max(2000),
    title: text.min(1).max(300),
    tls: optional({ validateCertificateChain: flag, validateCertificateName: flag }),
    type: z.enum(["Single", "Pool"]),
    url: text.min(1).max(2000),
  }),
  topLevel: [],
  computed: [],

  check({ resource }) {
    const { url, protocol, type, circuitBreaker, credentials } = resource.properties;
    if (!/^\w[\w-]{0,78}\w$|^\w$/.test(resource.name))
      throw invalid(`'${resource.name}' is not a backend ID.`);
    if (type === "Pool") throw new NotInSandboxError("pools of backends in API Management");
    if (circuitBreaker !== undefined) throw new NotInSandboxError("circuit breakers in API Management");
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

/** Microsoft.ApiManagement/service/namedValues. The value of a secret is stored but never returned. */
export const namedValue: ResourceType = {
  type: "Microsoft.ApiManagement/service/namedValues",
  token: "azure-native:apimanagement:NamedValue",
  apiVersion: "2024-05-01",
  path: `${service}/namedValues/{namedValueId}`,
  autoName: "copy",
  inputs: z.strictObject({
    displayName: text.regex(/^[A-Za-z0-9-._]{1,256}$/),
    value: text.min(1).max(4096),
    secret: flag.optional(),
    tags: z.array(text).max(32).optional(),
  }),
  topLevel: [],
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
