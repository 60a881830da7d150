import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { type Caller, TokenError } from "../../../entra-id/tokens.ts";
import type { Resource } from "../../../resource-manager/resources.ts";
import type { Operation, RequiredRight } from "../operations/operation.ts";
import { authenticationFailed, permissionMismatch, StorageError } from "../storage-error.ts";
import type { Service } from "../storage-request.ts";

/** Authorizes requests with an Entra ID token by the role assignments of the caller. */
export class RoleAuthorization {
  private readonly azure: AzureEnvironment;

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
  }

  /**
   * Verifies the token, and that the caller has the rights of all operations.
   * @param header The value of the Authorization header.
   * @param operations One operation, or the changes of an entity group transaction.
   * @throws StorageError 401 for an invalid token, 403 for missing rights.
   */
  async verifyRoles(
    service: Service,
    account: Resource,
    header: string,
    tls: boolean,
    operations: Operation[],
  ): Promise<void> {
    if (!tls) throw authenticationFailed("Authentication scheme Bearer is not allowed with HTTP.");
    const caller = await this.verifyToken(service, account, header);
    for (const { alternatives } of operations) {
      const isGranted = alternatives.some((rights) =>
        rights.every((right) => this.hasRight(caller, account, right)),
      );
      if (!isGranted) throw permissionMismatch();
    }
  }

  /** 401 for a request without a credential. Its challenge contains the address of the sign-in. */
  noCredential(): StorageError {
    return new StorageError(
      401,
      "NoAuthenticationInformation",
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
      { challenge: this.challenge },
    );
  }

  private async verifyToken(service: Service, account: Resource, header: string): Promise<Caller> {
    const ownAudience = `https://${account.name}.${service}.core.windows.net`;
    try {
      return await this.azure.tokens.verify(header, ["https://storage.azure.com", ownAudience]);
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

  private hasRight(caller: Caller, account: Resource, right: RequiredRight): boolean {
    return this.azure.access.allows(caller.objectId, right.action, account.id + right.scope, right.kind);
  }

  private get challenge(): string {
    const authority = `https://login.microsoftonline.com/${this.azure.tenantId}/oauth2/authorize`;
    return `Bearer authorization_uri=${authority} resource_id=https://storage.azure.com`;
  }
}
