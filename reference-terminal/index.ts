export { HubSession } from "./hub-session.ts";
export { fileLog } from "./log.ts";
export { Lookups } from "./lookups.ts";
export { Terminal, type TerminalOptions } from "./terminal.ts";
export { createVault, type Vault } from "./vault.ts";
