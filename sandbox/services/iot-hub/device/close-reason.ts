/** Why the hub closes a connection, as its logs name the reason. */
export type CloseReason =
  | "ConnectionForcefullyClosedOnNewConnection"
  | "IotHubUnauthorized: the token has expired"
  | "DeviceDisabled"
  | "DeviceNotFound"
  | "IotHubNotFound"
  | "IotHubUnauthorizedAccess: public network access is disabled"
  | "ConnectionForcefullyClosedOnFaultInjection";
