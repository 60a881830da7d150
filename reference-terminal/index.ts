export { fileLog } from "./log.ts";
export { Terminal, type TerminalOptions } from "./terminal.ts";
export { createVault, type Vault } from "./vault.ts";
