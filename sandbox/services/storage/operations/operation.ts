/** A right that an operation needs at a scope. */
export interface RequiredRight {
  /** For example Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read. */
  action: string;
  /** Whether a role grants it under actions or dataActions. */
  kind: "action" | "dataAction";
  /** Relative to the resource ID of the account: "" for the account, or /blobServices/default/containers/<name>. */
  scope: string;
}

/**
 * The operation that a request performs. It is determined once: authorization, immutability and the call of Azurite
 * all use it.
 */
export interface Operation {
  /** Azurite's name of the operation, for example BlockBlob_Upload. Azurite runs no other operation. */
  name: string;
  /**
   * The rights that a caller with an Entra ID token needs: all rights of one alternative. When Azure requires different
   * rights for a new and an existing blob, the sandbox requires the right that covers both, unless the request is for a
   * new blob only (If-None-Match: *).
   * Source: "Authorize with Microsoft Entra ID", permissions for blob and table service operations.
   */
  alternatives: RequiredRight[][];
  /** The effect on a blob, or on a container with all its blobs, as far as immutability policies are concerned. */
  effect: "none" | "append" | "change" | "delete";
}
