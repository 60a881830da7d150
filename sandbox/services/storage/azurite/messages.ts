/** The account keys (base64) by account name. Azurite verifies signatures with them. */
export type KeysByAccount = Record<string, string[]>;

/**
 * IPC messages of the sandbox to the Azurite process. Keys and the pass are sent by IPC only: never as arguments or
 * environment variables.
 */
export type ToAzurite =
  | {
      kind: "start";
      /** Folder of Azurite's data. */
      dir: string;
      /** The secret in the header x-sandbox-pass. It marks requests that the sandbox has already authorized. */
      pass: string;
      /** The secret in the header x-sandbox-port-pass, without which Azurite's ports refuse every request. */
      portPass: string;
      accounts: KeysByAccount;
      clockOffsetMs: number;
    }
  | { kind: "accounts"; id: number; accounts: KeysByAccount }
  | { kind: "clock"; id: number; clockOffsetMs: number }
  | { kind: "close" };

/** IPC messages of the Azurite process to the sandbox. */
export type FromAzurite =
  | { kind: "ready"; ports: AzuritePorts }
  /** The message with this ID has been applied. */
  | { kind: "done"; id: number }
  | { kind: "warning"; text: string }
  /** The process is about to exit. */
  | { kind: "failed"; reason: string };

/** The ports of Azurite's services on 127.0.0.1. Azurite binds port 0, so the system chooses them. */
export interface AzuritePorts {
  blob: number;
  table: number;
}

/** The header with the pass. */
export const passHeader = "x-sandbox-pass";

/** The header with the pass in every request of the sandbox. Azurite's ports refuse a request without it. */
export const portPassHeader = "x-sandbox-port-pass";

/** The header with the operation that the sandbox authorized. Azurite runs no other operation. */
export const operationHeader = "x-sandbox-operation";
