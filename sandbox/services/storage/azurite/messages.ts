/** The accounts' keys (base64) by account name, as Azurite verifies signatures with them. */
export type KeysByAccount = Record<string, string[]>;

/** What the sandbox tells the Azurite process. Keys and the pass travel this way only: no argument, no environment. */
export type ToAzurite =
  | {
      kind: "start";
      /** Folder of Azurite's data. */
      dir: string;
      /** The secret in the header x-sandbox-pass of requests that the sandbox has authorized itself. */
      pass: string;
      accounts: KeysByAccount;
      clockOffsetMs: number;
    }
  | { kind: "accounts"; id: number; accounts: KeysByAccount }
  | { kind: "clock"; id: number; clockOffsetMs: number }
  | { kind: "close" };

/** What the Azurite process answers. */
export type FromAzurite =
  | { kind: "ready"; ports: AzuritePorts }
  /** The message with this id is in force. */
  | { kind: "done"; id: number }
  | { kind: "warning"; text: string }
  /** It is about to end. */
  | { kind: "failed"; reason: string };

/** The loopback ports of Azurite's services. */
export interface AzuritePorts {
  blob: number;
  table: number;
}

/** The header that carries the pass. */
export const passHeader = "x-sandbox-pass";

/** The header that names the operation which the sandbox let through; Azurite runs no other. */
export const operationHeader = "x-sandbox-operation";
