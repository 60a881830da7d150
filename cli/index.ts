export type { Fleet } from "./azure/fleet.ts";
export { mintDeviceKeys } from "./credentials/device-keys.ts";
export { readIdentities, unseal } from "./credentials/seal.ts";
export { sendFile } from "./file-exchange/exchange.ts";
export { revoke } from "./lifecycle/revoke.ts";
export { selectTerminals as select } from "./lifecycle/select-terminals.ts";
