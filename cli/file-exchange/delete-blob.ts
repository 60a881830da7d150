import type { BlobClient } from "@azure/storage-blob";

/** Deletes a blob with its snapshots, if it is there, also when a terminal has taken a lease on it with its key. */
export async function deleteBlob(blob: BlobClient): Promise<void> {
  const deleting = () => blob.deleteIfExists({ deleteSnapshots: "include" });
  try {
    await deleting();
  } catch (error) {
    if ((error as { code?: string }).code !== "LeaseIdMissing") throw error;
    await blob.getBlobLeaseClient().breakLease(0);
    await deleting();
  }
}
