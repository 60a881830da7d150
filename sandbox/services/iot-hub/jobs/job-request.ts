import { z } from "zod";
import { notKnown } from "../errors.ts";
import { anyCase, parseAs } from "../registry/identity.ts";

/** A property that only the service sets. A client that sends a whole job back includes it, and it is ignored. */
const readOnly = z.unknown().optional();

const jobRequestSchema = z.strictObject({
  type: anyCase(["import", "export"]),
  inputBlobContainerUri: z.string().nullish(),
  outputBlobContainerUri: z.string().nullish(),
  inputBlobName: z.string().nullish(),
  outputBlobName: z.string().nullish(),
  excludeKeysInExport: z.boolean().nullish(),
  storageAuthenticationType: anyCase(["keyBased", "identityBased"]).nullish(),
  includeConfigurations: z.boolean().nullish(),
  configurationsBlobName: z.string().nullish(),
  identity: z.unknown().optional(),
  jobId: readOnly,
  startTimeUtc: readOnly,
  endTimeUtc: readOnly,
  status: readOnly,
  progress: readOnly,
  failureReason: readOnly,
});

export type JobRequest = z.infer<typeof jobRequestSchema>;

/** Reads a request for a job. @throws HubError ArgumentInvalid, NotKnownToTheSandbox. */
export function parseJobRequest(body: unknown): JobRequest {
  const request = parseAs(jobRequestSchema, body);
  if (request.storageAuthenticationType === "identityBased" || request.identity) {
    throw notKnown("import and export jobs that use the hub's identity to access storage");
  }
  if (request.includeConfigurations || request.configurationsBlobName) {
    throw notKnown("import and export jobs with configurations");
  }
  return request;
}
