import { authenticationManagedIdentity, checkHeader } from "./access-policies.ts";
import { choose, setVariable, trace } from "./flow-policies.ts";
import { quotaByKey, rateLimit, rateLimitByKey } from "./limit-policies.ts";
import { returnResponse, setBody, setHeader, setQueryParameter, setStatus } from "./message-policies.ts";
import { retry } from "./retry-policy.ts";
import { forwardRequest, rewriteUri, setBackendService } from "./routing-policies.ts";
import { sendRequest } from "./send-request-policy.ts";
import type { Policy } from "./step.ts";

/** The supported policies by element name. */
export const policies: ReadonlyMap<string, Policy> = new Map(
  Object.entries({
    "authentication-managed-identity": authenticationManagedIdentity,
    "check-header": checkHeader,
    choose,
    "forward-request": forwardRequest,
    "quota-by-key": quotaByKey,
    "rate-limit": rateLimit,
    "rate-limit-by-key": rateLimitByKey,
    retry,
    "return-response": returnResponse,
    "rewrite-uri": rewriteUri,
    "send-request": sendRequest,
    "set-backend-service": setBackendService,
    "set-body": setBody,
    "set-header": setHeader,
    "set-query-parameter": setQueryParameter,
    "set-status": setStatus,
    "set-variable": setVariable,
    trace,
  }),
);
