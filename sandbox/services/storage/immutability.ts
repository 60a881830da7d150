import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import type { AzuriteClient } from "./azurite/client.ts";
import type { Operation } from "./operations/operation.ts";
import { StorageError } from "./storage-error.ts";
import type { StorageRequest } from "./storage-request.ts";

const dayMs = 24 * 3600 * 1000;

/** The properties of a container's immutability policy in Azure Resource Manager. */
interface ImmutabilityPolicy {
  immutabilityPeriodSinceCreationInDays: number;
  allowProtectedAppendWrites?: boolean;
  allowProtectedAppendWritesAll?: boolean;
}

/**
 * Enforces the time-based retention policies of containers, for every caller. Source: "Container-level WORM policies
 * for immutable blob data", scenarios and protected append blobs.
 */
export class Immutability {
  private readonly azure: AzureEnvironment;
  private readonly client: AzuriteClient;

  constructor(azure: AzureEnvironment, client: AzuriteClient) {
    this.azure = azure;
    this.client = client;
  }

  /** @throws StorageError 409 when the operation would change or delete a blob that a policy retains. */
  async verifyChangeAllowed(
    account: Resource,
    request: StorageRequest,
    { effect }: Operation,
  ): Promise<void> {
    const [container, blob] = request.segments;
    if (!container || effect === "none") return;
    const policy = this.findPolicy(account.id, container);
    if (!policy) return;
    if (blob === undefined) throw containerImmutable();
    if (effect === "append") {
      if (policy.allowProtectedAppendWrites || policy.allowProtectedAppendWritesAll) return;
      throw blobImmutable();
    }
    const lastModified = await this.client.readLastModified(account.name, container, blob);
    if (!lastModified) return;
    if (effect === "delete" && !this.isWithinPeriod(policy, lastModified)) return;
    throw blobImmutable();
  }

  /** Whether a policy retains a blob now, so that no caller and no lifecycle rule may delete it. */
  isRetained(accountId: string, container: string, lastModified: Date): boolean {
    const policy = this.findPolicy(accountId, container);
    return policy !== undefined && this.isWithinPeriod(policy, lastModified);
  }

  private isWithinPeriod(policy: ImmutabilityPolicy, lastModified: Date): boolean {
    const ageMs = this.azure.clock.now() - lastModified.getTime();
    return ageMs <= policy.immutabilityPeriodSinceCreationInDays * dayMs;
  }

  private findPolicy(accountId: string, container: string): ImmutabilityPolicy | undefined {
    const id = `${accountId}/blobServices/default/containers/${container}/immutabilityPolicies/default`;
    return this.azure.resources.get(id)?.properties as ImmutabilityPolicy | undefined;
  }
}

const blobImmutable = () =>
  new StorageError(
    409,
    "BlobImmutableDueToPolicy",
    "This operation is not permitted as the blob is immutable due to a policy.",
  );

/**
 * Azure deletes such a container through Azure Resource Manager only. Azure's error code for an unlocked policy is not
 * documented.
 */
const containerImmutable = () =>
  new StorageError(
    409,
    "ContainerImmutabilityPolicyUnlocked",
    "The requested operation is not allowed as the container has an immutability policy.",
  );
