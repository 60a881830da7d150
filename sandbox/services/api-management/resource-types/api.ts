import { z } from "zod";
import { ArmError, NotInSandboxError } from "../../../resource-manager/arm-error.ts";
import { enforced, noEffect, restricted } from "../../../resource-manager/input-effect.ts";
import type { ResourceType } from "../../../resource-manager/resource-type.ts";
import { flag, optional, text, whole } from "../../../resource-manager/shared-inputs.ts";

const service =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ApiManagement/service/{serviceName}";

/** Microsoft.ApiManagement/service/apis: an HTTP API, declared with its operations (definitions are not imported). */
export const api: ResourceType = {
  type: "Microsoft.ApiManagement/service/apis",
  token: "azure-native:apimanagement:Api",
  apiVersion: "2024-05-01",
  path: `${service}/apis/{apiId}`,
  autoName: "copy",
  inputs: z.strictObject({
    path: enforced(text.max(400), "calls below this path belong to the API"),
    ...optional({
      apiRevision: restricted(text.min(1).max(100), "everything but revision 1 is refused"),
      apiRevisionDescription: noEffect(text.max(256), "a text for people"),
      apiType: noEffect(z.enum(["http"]), "http is the only type"),
      apiVersion: restricted(text.max(100), "refused, as in Azure without a version set"),
      apiVersionDescription: noEffect(text.max(256), "a text for people"),
      contact: noEffect(optional({ email: text, name: text, url: text }), "a text for people"),
      description: noEffect(text, "a text for people"),
      displayName: enforced(text.min(1).max(300), "policies read it as context.Api.Name"),
      isCurrent: restricted(flag, "false is refused"),
      license: noEffect(optional({ name: text, url: text }), "a text for people"),
      protocols: enforced(
        z.array(z.enum(["http", "https", "ws", "wss"])).min(1),
        "calls over another protocol are refused; WebSocket is refused at deployment",
      ),
      serviceUrl: enforced(text.max(2000), "the gateway forwards calls to it"),
      subscriptionKeyParameterNames: enforced(
        optional({ header: text, query: text }),
        "the gateway reads the subscription key from there",
      ),
      subscriptionRequired: enforced(flag, "true: calls without a valid subscription key are refused"),
      termsOfServiceUrl: noEffect(text, "a text for people"),
    }).shape,
  }),
  topLevel: [],
  renames: { apiType: "type" },
  computed: ["isOnline", "provisioningState"],

  check({ resource }, azure) {
    if (!/^[^*#&+:<>?]{1,256}$/.test(resource.name))
      throw invalid(`'${resource.name}' is not a valid API ID.`);
    const { path, protocols, serviceUrl, apiRevision } = resource.properties;
    if (((protocols ?? []) as string[]).some((each) => each.startsWith("ws"))) {
      throw new NotInSandboxError("WebSocket APIs in API Management");
    }
    const { apiVersion, isCurrent } = resource.properties;
    // Azure's own words, from pulumi-azure-native issue 1661; version sets are no inputs here.
    if (apiVersion) throw invalid("Can't set VersionName when ApiVersionSetId is not set.");
    if ((apiRevision ?? "1") !== "1" || isCurrent === false)
      throw new NotInSandboxError("revisions of APIs in API Management");
    if (serviceUrl !== undefined && !URL.canParse(serviceUrl as string)) {
      throw invalid(`'${String(serviceUrl)}' is not a valid service URL.`);
    }
    const parent = resource.id.slice(0, resource.id.lastIndexOf("/apis/"));
    const twin = azure.resources
      .below(parent)
      .find(
        (other) =>
          other.type === resource.type &&
          other.id.toLowerCase() !== resource.id.toLowerCase() &&
          (other.properties.path as string).toLowerCase() === (path as string).toLowerCase(),
      );
    if (twin)
      throw invalid(`Cannot create API '${resource.name}': '${twin.name}' has the path '${path}' already.`);
  },

  complete({ resource }) {
    resource.properties = {
      displayName: resource.name,
      protocols: ["https"],
      subscriptionRequired: true,
      apiRevision: "1",
      isCurrent: true,
      type: "http",
      ...resource.properties,
      subscriptionKeyParameterNames: {
        header: "Ocp-Apim-Subscription-Key",
        query: "subscription-key",
        ...(resource.properties.subscriptionKeyParameterNames as object | undefined),
      },
      isOnline: true,
    };
  },
};

const documentation = "documentation of the operation, which the gateway does not check";

const parameter = z.strictObject({
  name: text,
  type: text,
  defaultValue: text.optional(),
  description: text.optional(),
  required: flag.optional(),
  values: z.array(text).optional(),
});

const representation = z.strictObject({ contentType: text });

/** Microsoft.ApiManagement/service/apis/operations. */
export const apiOperation: ResourceType = {
  type: "Microsoft.ApiManagement/service/apis/operations",
  token: "azure-native:apimanagement:ApiOperation",
  apiVersion: "2024-05-01",
  path: `${service}/apis/{apiId}/operations/{operationId}`,
  autoName: "copy",
  inputs: z.strictObject({
    displayName: enforced(text.min(1).max(300), "policies read it as context.Operation.Name"),
    method: enforced(text, "calls with another method are not this operation's"),
    urlTemplate: enforced(text.min(1).max(1000), "calls to another path are not this operation's"),
    ...optional({
      description: noEffect(text.max(1000), "a text for people"),
      request: noEffect(
        optional({
          description: text,
          headers: z.array(parameter),
          queryParameters: z.array(parameter),
          representations: z.array(representation),
        }),
        documentation,
      ),
      responses: noEffect(
        z.array(
          z.strictObject({
            statusCode: whole,
            description: text.optional(),
            headers: z.array(parameter).optional(),
            representations: z.array(representation).optional(),
          }),
        ),
        documentation,
      ),
      templateParameters: noEffect(
        z.array(
          parameter.extend({
            name: enforced(text, "must be the names of the parameters in urlTemplate"),
          }),
        ),
        documentation,
      ),
    }).shape,
  }),
  topLevel: [],
  computed: [],

  check({ resource }, azure) {
    if (!/^[^*#&+:<>?]{1,80}$/.test(resource.name)) {
      throw invalid(`'${resource.name}' is not a valid operation ID.`);
    }
    const { method, urlTemplate: template } = resource.properties as { method: string; urlTemplate: string };
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method)) throw invalid(`'${method}' is not an HTTP method.`);
    if (!template.startsWith("/")) throw invalid(`The URL template '${template}' must begin with '/'.`);
    const used = [...template.matchAll(/\{\*?([^{}]*)\}/g)].map((match) => match[1]).sort();
    const defined = ((resource.properties.templateParameters ?? []) as { name: string }[])
      .map(({ name }) => name)
      .sort();
    if (JSON.stringify(used) !== JSON.stringify(defined)) {
      throw invalid(
        "All template parameters used in the UriTemplate must be defined in the Operation, and vice-versa.",
      );
    }
    const folder = resource.id.slice(0, resource.id.lastIndexOf("/operations/"));
    const twin = azure.resources
      .below(folder)
      .find(
        (other) =>
          other.type === resource.type &&
          other.id.toLowerCase() !== resource.id.toLowerCase() &&
          signature(other.properties) === signature(resource.properties),
      );
    if (twin) {
      throw invalid(
        `The operation '${twin.name}' has the method ${method} and the URL template '${template}' already.`,
      );
    }
  },

  complete({ resource }) {
    resource.properties = { templateParameters: [], responses: [], ...resource.properties };
  },
};

/** What tells an API's operations apart; the names of parameters do not. */
function signature({ method, urlTemplate }: Record<string, unknown>): string {
  return `${method} ${String(urlTemplate).replace(/\{(\*?)[^{}]*\}/g, "{$1}")}`.toLowerCase();
}

function invalid(message: string): ArmError {
  return new ArmError(400, "ValidationError", `One or more fields contain incorrect values: ${message}`);
}
