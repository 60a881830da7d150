/** An error response of Azure Storage. Source: "Common REST API error codes" and "SAS error codes". */
export class StorageError extends Error {
  readonly status: number;
  readonly code: string;
  /** AuthenticationErrorDetail: the reason, when the code does not contain it. */
  readonly detail: string | undefined;
  /** For 401: the value of WWW-Authenticate. */
  readonly challenge: string | undefined;
  /** For 416: the value of Content-Range, which contains the length of the blob. */
  readonly contentRange: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { detail?: string; challenge?: string; contentRange?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.challenge = more.challenge;
    this.contentRange = more.contentRange;
  }
}

/** 403 for an invalid signature, or an invalid field of it. The client receives `detail`. */
export function authenticationFailed(detail?: string): StorageError {
  return new StorageError(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    { detail },
  );
}

/** 403 for an authenticated caller without the required role, or a SAS without the required permission. */
export function permissionMismatch(): StorageError {
  return new StorageError(
    403,
    "AuthorizationPermissionMismatch",
    "This request is not authorized to perform this operation using this permission.",
  );
}

/** 409 for anonymous access to an account that does not allow it. */
export function publicAccessNotPermitted(): StorageError {
  return new StorageError(
    409,
    "PublicAccessNotPermitted",
    "Public access is not permitted on this storage account.",
  );
}

/** 400 for an address that names no resource. */
export function invalidUri(): StorageError {
  return new StorageError(
    400,
    "InvalidUri",
    "The requested URI does not represent any resource on the server.",
  );
}

/** 400 for an invalid value of a header. */
export function invalidHeader(name: string): StorageError {
  return new StorageError(
    400,
    "InvalidHeaderValue",
    `The value for one of the HTTP headers is not in the correct format: ${name}.`,
  );
}

/** 400 for a required header that is missing. */
export function missingHeader(name: string): StorageError {
  return new StorageError(
    400,
    "MissingRequiredHeader",
    `An HTTP header that's mandatory for this request is not specified: ${name}.`,
  );
}

/** 411 for a request that can have a body and does not say how long it is. */
export function missingContentLength(): StorageError {
  return new StorageError(411, "MissingContentLengthHeader", "The Content-Length header was not specified.");
}

/** 501 for a feature of Azure that the sandbox does not support. */
export function notInSandbox(feature: string): StorageError {
  return new StorageError(501, "NotImplemented", `The sandbox does not support ${feature}.`);
}
