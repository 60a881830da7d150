/*
 * What tests outside sandbox/ use besides index.ts: the parts of a sandbox one by one, faults, the clock and role
 * grants. Product code must not import this file.
 */
export { type AzureEnvironment, openAzureEnvironment } from "./core/azure-environment.ts";
export { MovableClock } from "./core/clock.ts";
export { createTokenEndpoint } from "./entra-id/token-endpoint.ts";
export { CertificateAuthority } from "./proxy/certificate-authority.ts";
export type { FaultEffect, FaultRule, Faults } from "./proxy/faults.ts";
export { type AzureProxy, startProxy } from "./proxy/proxy.ts";
export type { ServiceEndpoint } from "./proxy/service-endpoint.ts";
export { createResourceManagerEndpoint } from "./resource-manager/rest-api/endpoint.ts";
export { grantRole } from "./services/authorization/grant-role.ts";
export { createIotHub, type IotHub } from "./services/iot-hub/iot-hub.ts";
export {
  merge as mergeTwin,
  readPatch as readTwinPatch,
  sizeOf as measureTwin,
  type TwinDocument,
  type TwinValue,
} from "./services/iot-hub/twins/document.ts";
export { type Storage, startStorage } from "./services/storage/storage.ts";
