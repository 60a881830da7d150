import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { type Caller, TokenError } from "../../../entra-id/tokens.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import type { Need, Operation } from "../operations/operations.ts";
import { authenticationFailed, permissionMismatch, StorageError } from "../storage-error.ts";
import type { Service } from "../storage-request.ts";

/** Whether a caller with an Entra ID token may do what it asks for. */
export class Authorization {
  private readonly azure: AzureEnvironment;

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
  }

  /**
   * @param operations What is asked for: one operation, or the changes of an entity group transaction.
   * @throws StorageError 401 for the token, 403 for the rights.
   */
  async check(
    service: Service,
    account: Resource,
    header: string,
    tls: boolean,
    operations: Operation[],
  ): Promise<void> {
    if (!tls) throw authenticationFailed("Authentication scheme Bearer is not allowed with HTTP.");
    const caller = await this.caller(service, account, header);
    for (const { needs } of operations) {
      const granted = needs.some((all) => all.every((need) => this.allows(caller, account, need)));
      if (!granted) throw permissionMismatch();
    }
  }

  /** 401 for a request without any credential, with the way to sign in. */
  noCredential(): StorageError {
    return new StorageError(
      401,
      "NoAuthenticationInformation",
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
      { challenge: this.challenge },
    );
  }

  private async caller(service: Service, account: Resource, header: string): Promise<Caller> {
    const own = `https://${account.name}.${service}.core.windows.net`;
    try {
      return await this.azure.tokens.verify(header, ["https://storage.azure.com", own]);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw new StorageError(
        401,
        "InvalidAuthenticationInfo",
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
        { detail: error.message, challenge: this.challenge },
      );
    }
  }

  private allows(caller: Caller, account: Resource, need: Need): boolean {
    return this.azure.access.allows(caller.objectId, need.action, account.id + need.scope, need.kind);
  }

  private get challenge(): string {
    const authority = `https://login.microsoftonline.com/${this.azure.tenantId}/oauth2/authorize`;
    return `Bearer authorization_uri=${authority} resource_id=https://storage.azure.com`;
  }
}
