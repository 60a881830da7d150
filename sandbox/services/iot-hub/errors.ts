import { randomUUID } from "node:crypto";

/**
 * The service's error codes that the sandbox uses, with HTTP status and number.
 * Source: "Troubleshoot Azure IoT Hub error codes" and the SDKs' lists of codes.
 */
const codes = {
  InvalidProtocolVersion: [400, 400001],
  ArgumentInvalid: [400, 400004],
  ArgumentNull: [400, 400005],
  IotHubFormatError: [400, 400006],
  BlobContainerValidationError: [400, 400008],
  DeviceDefinedMultipleTimes: [400, 400011],
  IotHubUnauthorizedAccess: [401, 401002],
  IotHubUnauthorized: [401, 401003],
  IotHubQuotaExceeded: [403, 403002],
  JobQuotaExceeded: [403, 403003],
  DeviceMaximumQueueDepthExceeded: [403, 403004],
  InvalidMessageExpiryTime: [403, 403009],
  OperationNotAvailableInCurrentTier: [403, 403010],
  DeviceDisabled: [403, 403012],
  DeviceNotFound: [404, 404001],
  JobNotFound: [404, 404002],
  DeviceNotOnline: [404, 404103],
  DeviceConnectionClosedRemotely: [404, 404104],
  DeviceAlreadyExists: [409, 409001],
  PreconditionFailed: [412, 412001],
  DeviceMessageLockLost: [412, 412002],
  MessageTooLarge: [413, 413001],
  ThrottlingBacklogTimeout: [429, 429003],
  ServerError: [500, 500001],
  BadDeviceResponse: [502, 502000],
  NotKnownToTheSandbox: [501, 501000],
  GatewayTimeout: [504, 504101],
} as const satisfies Record<string, readonly [number, number]>;

export type HubErrorCode = keyof typeof codes;

/** An error with the code and the message that the service uses. */
export class HubError extends Error {
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return codes[this.code][0];
  }

  /** For example 404001 for DeviceNotFound. */
  get number(): number {
    return codes[this.code][1];
  }
}

export const deviceNotFound = (id: string): HubError =>
  new HubError("DeviceNotFound", `Device ${id} not registered`);

/** An error for a feature of the service that the sandbox does not have. */
export const notKnown = (feature: string): HubError =>
  new HubError("NotKnownToTheSandbox", `The sandbox does not know ${feature}.`);

/** The form of an error that devices get, and that errors of direct methods contain. */
export function errorDocument(error: HubError, now: number): Record<string, unknown> {
  return {
    errorCode: error.number,
    message: error.message,
    trackingId: trackingId(now),
    timestampUtc: new Date(now).toISOString(),
    info: null,
  };
}

/**
 * The body of an error answer over HTTP.
 * @param nested Whether the body contains the other form, as in the answers of direct methods on a live hub
 *   (mwalser/terraform-provider-iothub).
 */
export function errorBody(error: HubError, now: number, nested = false): string {
  if (nested) {
    return JSON.stringify({ Message: JSON.stringify(errorDocument(error, now)), ExceptionMessage: "" });
  }
  return JSON.stringify({
    Message: `ErrorCode:${error.code};${error.message}`,
    ExceptionMessage: `Tracking ID:${trackingId(now)}`,
  });
}

const trackingId = (now: number): string =>
  `${randomUUID().replaceAll("-", "").toUpperCase()}-G:0-TimeStamp:${new Date(now).toISOString()}`;
