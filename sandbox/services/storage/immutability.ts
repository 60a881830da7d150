import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import type { AzuriteClient } from "./azurite/client.ts";
import type { Operation } from "./operations/operations.ts";
import { StorageError } from "./storage-error.ts";
import type { StorageRequest } from "./storage-request.ts";

const dayMs = 24 * 3600 * 1000;

/** What ARM keeps of a container's immutability policy. */
interface Policy {
  immutabilityPeriodSinceCreationInDays: number;
  allowProtectedAppendWrites?: boolean;
  allowProtectedAppendWritesAll?: boolean;
}

/**
 * Keeps to the containers' time-based retention policies, whoever asks and with whatever right. Source:
 * "Container-level WORM policies for immutable blob data", scenarios and protected append blobs.
 */
export class Immutability {
  private readonly azure: AzureEnvironment;
  private readonly inside: AzuriteClient;

  constructor(azure: AzureEnvironment, inside: AzuriteClient) {
    this.azure = azure;
    this.inside = inside;
  }

  /** @throws StorageError 409 when the operation would change or delete what the policy keeps. */
  async check(account: Resource, request: StorageRequest, { effect }: Operation): Promise<void> {
    const [container, blob] = request.segments;
    if (!container || effect === "none") return;
    const policy = this.policy(account.id, container);
    if (!policy) return;
    if (blob === undefined) throw containerImmutable();
    if (effect === "append") {
      if (policy.allowProtectedAppendWrites || policy.allowProtectedAppendWritesAll) return;
      throw blobImmutable();
    }
    const lastModified = await this.inside.lastModified(account.name, container, blob);
    if (!lastModified) return;
    if (effect === "delete" && !this.within(policy, lastModified)) return;
    throw blobImmutable();
  }

  /** Whether nobody, the lifecycle rules included, may delete a blob yet. */
  keeps(accountId: string, container: string, lastModified: Date): boolean {
    const policy = this.policy(accountId, container);
    return policy !== undefined && this.within(policy, lastModified);
  }

  private within(policy: Policy, lastModified: Date): boolean {
    const age = this.azure.clock.now() - lastModified.getTime();
    return age <= policy.immutabilityPeriodSinceCreationInDays * dayMs;
  }

  private policy(accountId: string, container: string): Policy | undefined {
    const id = `${accountId}/blobServices/default/containers/${container}/immutabilityPolicies/default`;
    return this.azure.resources.get(id)?.properties as Policy | undefined;
  }
}

const blobImmutable = () =>
  new StorageError(
    409,
    "BlobImmutableDueToPolicy",
    "This operation is not permitted as the blob is immutable due to a policy.",
  );

/** Azure deletes such a container by Azure Resource Manager only; the code for an unlocked policy is not documented. */
const containerImmutable = () =>
  new StorageError(
    409,
    "ContainerImmutabilityPolicyUnlocked",
    "The requested operation is not allowed as the container has an immutability policy.",
  );
