import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";

const masked = z.array(z.strictObject({ value: text, mode: z.enum(["Mask", "Hide"]) }));

const message = optional({
  headers: z.array(text),
  body: z.strictObject({ bytes: whole.min(0).max(8192) }),
  dataMasking: optional({ headers: masked, queryParams: masked }),
});

const pipeline = optional({ request: message, response: message });
const logged = "the gateway writes these parts of a message to its log";

/** Microsoft.ApiManagement/service/apis/diagnostics: what ../gateway/gateway-log.ts logs of a call. */
export const apiDiagnostic: ResourceType = {
  type: "Microsoft.ApiManagement/service/apis/diagnostics",
  token: "azure-native:apimanagement:ApiDiagnostic",
  apiVersion: "2024-05-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}/apis/{apiId}/diagnostics/{diagnosticId}",
  autoName: "copy",
  inputs: z.strictObject({
    loggerId: restricted(text, "loggers other than azuremonitor are refused"),
    ...optional({
      alwaysLog: noEffect(z.enum(["allErrors"]), "the sandbox logs all calls"),
      backend: enforced(pipeline, logged),
      frontend: enforced(pipeline, logged),
      httpCorrelationProtocol: restricted(
        z.enum(["None", "Legacy", "W3C"]),
        "refused: of Application Insights",
      ),
      logClientIp: enforced(flag, "false: the log has no address of the caller"),
      metrics: restricted(flag, "true is refused: of Application Insights"),
      operationNameFormat: restricted(z.enum(["Name", "Url"]), "refused: of Application Insights"),
      sampling: restricted(
        z.strictObject({ samplingType: z.enum(["fixed"]), percentage: z.number().min(0).max(100) }),
        "less than 100 % is refused",
      ),
      verbosity: noEffect(z.enum(["verbose", "information", "error"]), "the log has no lines of trace"),
    }).shape,
  }),
  topLevel: [],
  computed: [],

  check({ resource, names }) {
    const { loggerId, sampling, metrics, httpCorrelationProtocol, operationNameFormat } = resource.properties;
    if (names.diagnosticId !== "azuremonitor" || !/\/loggers\/azuremonitor$/i.test(String(loggerId))) {
      throw new NotInSandboxError("diagnostics of API Management for other destinations than azuremonitor");
    }
    if (((sampling as { percentage: number } | undefined)?.percentage ?? 100) < 100) {
      throw new NotInSandboxError("sampled logs of API Management");
    }
    if (metrics || httpCorrelationProtocol !== undefined || operationNameFormat !== undefined) {
      throw new ArmError(
        400,
        "ValidationError",
        "metrics, httpCorrelationProtocol and operationNameFormat are for Application Insights only.",
      );
    }
    for (const part of ["frontend", "backend"]) {
      const found = (resource.properties[part] ?? {}) as Record<string, { body?: { bytes: number } }>;
      if (Object.values(found).some(({ body }) => (body?.bytes ?? 0) > 0)) {
        throw new NotInSandboxError("bodies in the logs of API Management");
      }
    }
  },
};
