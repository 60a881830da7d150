import type { BlobClient } from "@azure/storage-blob";

/**
 * Deletes a blob and its snapshots if it exists. A lease is broken first: a terminal can take one with its file link.
 */
export async function deleteBlob(blob: BlobClient): Promise<void> {
  const deleteNow = () => blob.deleteIfExists({ deleteSnapshots: "include" });
  try {
    await deleteNow();
  } catch (error) {
    if ((error as { code?: string }).code !== "LeaseIdMissing") throw error;
    await blob.getBlobLeaseClient().breakLease(0);
    await deleteNow();
  }
}
