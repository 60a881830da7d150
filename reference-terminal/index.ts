export { fileLog } from "./log.ts";
export { Terminal } from "./terminal.ts";
export { type Vault, vaultOf } from "./vault.ts";
