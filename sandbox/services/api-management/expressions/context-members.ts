import { type Body, type Headers, ResponseMessage } from "../messages.ts";
import type { Url } from "../url.ts";
import { ByteArray, StringArray } from "./arrays.ts";
import type { ExpressionContext, LastError, SubscriptionInfo } from "./context.ts";
import { unbox } from "./conversions.ts";
import { DateTime, TimeSpan } from "./date-time.ts";
import { CsException } from "./exception.ts";
import { JArrayType, JObjectType, JTokenType } from "./json.ts";
import { parseAs } from "./json-members.ts";
import { parseJson } from "./json-reader.ts";
import {
  Bool,
  DateTimeType,
  Double,
  GuidType,
  Int,
  Long,
  ObjectType,
  StringType,
  T,
  TimeSpanType,
} from "./primitives.ts";
import { CsType, optional } from "./types.ts";

const notFound = () =>
  new CsException("KeyNotFoundException", "The given key was not present in the dictionary.");

/** Headers and query parameters: IReadOnlyDictionary<string, string[]> with the gateway's GetValueOrDefault. */
function valuesType<R>(name: string, get: (of: R, key: string) => string[] | undefined): CsType {
  return new CsType(name, "class")
    .index([StringType], StringArray, (of: R, [key]: [string]) => {
      const values = get(of, key);
      if (!values) throw notFound();
      return values;
    })
    .method("ContainsKey", [StringType], Bool, (of: R, [key]: [string]) => get(of, key) !== undefined)
    .method(
      "GetValueOrDefault",
      [StringType],
      StringType,
      (of: R, [key]: [string]) => get(of, key)?.join(",") ?? null,
    )
    .method(
      "GetValueOrDefault",
      [StringType, StringType],
      StringType,
      (of: R, [key, otherwise]: string[]) => get(of, key!)?.join(",") ?? otherwise,
    );
}

const HeadersType = valuesType("request or response headers", (of: Headers, key) => of.get(key));
const QueryType = valuesType("query parameters", (of: Url, key) => of.query().get(key.toLowerCase()));

const UrlType = new CsType("IUrl", "class")
  .property("Scheme", StringType, (url: Url) => url.scheme)
  .property("Host", StringType, (url: Url) => url.host)
  .property("Port", Int, (url: Url) => url.port)
  .property("Path", StringType, (url: Url) => url.path)
  .property("QueryString", StringType, (url: Url) => url.queryString)
  .property("Query", QueryType, (url: Url) => url)
  .method("ToString", [], StringType, (url: Url) => url.toString());

/** A body of a request or a response; null where there is none. */
export const BodyType = new CsType("IMessageBody", "class").generic(
  "As",
  [StringType, ByteArray, JObjectType, JTokenType, JArrayType],
  [optional("preserveContent", Bool, false)],
  (type) => type,
  (body: Body, [preserve]: [boolean], _, type) => readBody(body.read(preserve), type),
);

function readBody(bytes: Buffer, type: CsType): unknown {
  if (type === ByteArray) return bytes;
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (type === StringType) return text;
  if (type === JTokenType) return parseJson(text);
  return parseAs(type === JObjectType ? "Object" : "Array", text);
}

const RequestType = new CsType("IRequest", "class")
  .property("Method", StringType, (context: ExpressionContext) => context.request.method)
  .property("Url", UrlType, (context: ExpressionContext) => context.request.url)
  .property("OriginalUrl", UrlType, (context: ExpressionContext) => context.originalUrl)
  .property("Headers", HeadersType, (context: ExpressionContext) => context.request.headers)
  .property("IpAddress", StringType, (context: ExpressionContext) => context.ipAddress)
  .property("MatchedParameters", textsType(), (context: ExpressionContext) => context.matchedParameters)
  .property("Body", BodyType, (context: ExpressionContext) => context.request.body, "request body");

/** MatchedParameters: IReadOnlyDictionary<string, string>. */
function textsType(): CsType {
  return new CsType("matched parameters", "class")
    .index([StringType], StringType, (of: Map<string, string>, [key]: [string]) => {
      const value = of.get(key);
      if (value === undefined) throw notFound();
      return value;
    })
    .method("ContainsKey", [StringType], Bool, (of: Map<string, string>, [key]: [string]) => of.has(key))
    .method(
      "GetValueOrDefault",
      [StringType, StringType],
      StringType,
      (of: Map<string, string>, [key, otherwise]: string[]) => of.get(key!) ?? otherwise,
    );
}

/** IResponse, also of send-request. */
export const ResponseType = new CsType("IResponse", "class", { holds: isResponse })
  .property("StatusCode", Int, (response: ResponseMessage) => response.status)
  .property("StatusReason", StringType, (response: ResponseMessage) => response.reason)
  .property("Headers", HeadersType, (response: ResponseMessage) => response.headers)
  .property("Body", BodyType, (response: ResponseMessage) => response.body);

/** context.Response. The gateway buffers its body while the policy may still read it. */
const CurrentResponseType = new CsType("IResponse", "class", {
  base: ResponseType,
  holds: isResponse,
}).property("Body", BodyType, (response: ResponseMessage) => response.body, "response body");

function isResponse(value: unknown): boolean {
  return value instanceof ResponseMessage;
}

const variableTypes = [
  StringType,
  Int,
  Long,
  Bool,
  Double,
  DateTimeType,
  GuidType,
  ByteArray,
  StringArray,
  JObjectType,
  JArrayType,
  JTokenType,
  ResponseType,
];

type Variables = Map<string, unknown>;

const VariablesType = new CsType("IReadOnlyDictionary<string, object>", "class")
  .index([StringType], ObjectType, (of: Variables, [key]: [string]) => {
    if (!of.has(key)) throw notFound();
    return of.get(key);
  })
  .method("ContainsKey", [StringType], Bool, (of: Variables, [key]: [string]) => of.has(key))
  .generic(
    "GetValueOrDefault",
    variableTypes,
    [StringType],
    (type) => type,
    (of: Variables, [key]: [string], _, type) => (of.has(key) ? unbox(of.get(key), type) : zero(type)),
  )
  .generic(
    "GetValueOrDefault",
    variableTypes,
    [StringType, T],
    (type) => type,
    (of: Variables, [key, otherwise]: [string, unknown], _, type) =>
      of.has(key) ? unbox(of.get(key), type) : otherwise,
  );

/** default(T) for the types of variables. */
function zero(type: CsType): unknown {
  if (!type.isValueType) return null;
  if (type === Bool) return false;
  if (type === Long) return 0n;
  if (type === Int || type === Double) return 0;
  throw new CsException("NotSupportedException", `The sandbox does not support the default of ${type.name}.`);
}

const ApiType = texts<ExpressionContext["api"]>("IApi", {
  Id: (api) => api.id,
  Name: (api) => api.name,
  Path: (api) => api.path,
  Revision: (api) => api.revision,
  Version: (api) => api.version,
});

const OperationType = texts<ExpressionContext["operation"]>("IOperation", {
  Id: (operation) => operation.id,
  Method: (operation) => operation.method,
  Name: (operation) => operation.name,
  UrlTemplate: (operation) => operation.urlTemplate,
});

const SubscriptionType = texts<SubscriptionInfo>("ISubscription", {
  Id: (subscription) => subscription.id,
  Name: (subscription) => subscription.displayName,
  Key: (subscription) => subscription.key,
  PrimaryKey: (subscription) => subscription.primaryKey,
  SecondaryKey: (subscription) => subscription.secondaryKey,
});

const LastErrorType = texts<LastError>("ILastError", {
  Source: (error) => error.source,
  Reason: (error) => error.reason,
  Message: (error) => error.message,
  Scope: (error) => error.scope,
  Section: (error) => error.section,
  Path: (error) => error.path,
  PolicyId: (error) => error.policyId,
});

const DeploymentType = texts<ExpressionContext>("IDeployment", {
  GatewayId: () => "managed",
  Region: (context) => context.region,
  ServiceName: (context) => context.serviceName,
});

/** The variable `context`. */
export const ContextType = new CsType("IProxyRequestContext", "class")
  .property("Api", ApiType, (context: ExpressionContext) => context.api)
  .property("Operation", OperationType, (context: ExpressionContext) => context.operation)
  .property("Subscription", SubscriptionType, (context: ExpressionContext) => context.subscription)
  .property("Request", RequestType, (context: ExpressionContext) => context)
  .property("Response", CurrentResponseType, (context: ExpressionContext) => context.response)
  .property("LastError", LastErrorType, (context: ExpressionContext) => context.lastError)
  .property("Variables", VariablesType, (context: ExpressionContext) => context.variables)
  .property("Deployment", DeploymentType, (context: ExpressionContext) => context)
  .property("RequestId", GuidType, (context: ExpressionContext) => context.requestId)
  .property("Timestamp", DateTimeType, (context: ExpressionContext) => DateTime.utc(context.receivedAt))
  .property("Elapsed", TimeSpanType, (context: ExpressionContext, run) =>
    TimeSpan.milliseconds(run.now() - context.receivedAt),
  );

function texts<R>(name: string, properties: Record<string, (of: R) => string | null>): CsType {
  const type = new CsType(name, "class");
  for (const [property, get] of Object.entries(properties)) type.property(property, StringType, get);
  return type;
}
