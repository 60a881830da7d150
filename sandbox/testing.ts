/*
 * What tests of other parts use besides index.ts: the clock, faults, role grants, and parts of the emulation that they
 * compare with. Product code must not import this file.
 */
export { MovableClock } from "./core/clock.ts";
export { otherFiles, readOpenFilesLimit } from "./core/open-files.ts";
export { CertificateAuthority } from "./proxy/certificate-authority.ts";
export type { FaultEffect, FaultRule, Faults } from "./proxy/faults.ts";
export type { AzureProxy } from "./proxy/proxy.ts";
export type { ServiceEndpoint } from "./proxy/service-endpoint.ts";
export { grantRole } from "./services/authorization/grant-role.ts";
export {
  merge as mergeTwin,
  readPatch as readTwinPatch,
  sizeOf as measureTwin,
  type TwinDocument,
  type TwinValue,
} from "./services/iot-hub/twins/document.ts";
