/*
 * The functions of the command line, for other programs.
 */
export type { Fleet } from "./azure/fleet.ts";
export { mintDeviceKeys } from "./credentials/device-keys.ts";
export { readIdentities, unseal } from "./credentials/seal.ts";
export { sendFile } from "./file-exchange/exchange.ts";
export { revoke } from "./lifecycle/revoke.ts";
export { selectTerminals } from "./lifecycle/select-terminals.ts";
