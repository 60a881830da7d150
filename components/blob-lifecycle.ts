/**
 * A lifecycle rule that deletes block blobs and append blobs, with their snapshots and versions. Lifecycle rules do not
 * reach page blobs (blobs/lifecycle-management-overview); no part of the product writes any.
 * Azure runs the rules once a day, and a run can take days: a blob is usually deleted within two or three days after it is
 * due (storage/blobs/lifecycle-management-performance-characteristics). Containers are not deleted.
 * @param days Days since the last change of a blob, or since the creation of a snapshot or version: 1 or more.
 */
export function deleteBlobsAfter(days: number) {
  return {
    name: `delete-after-${days}-${days === 1 ? "day" : "days"}`,
    type: "Lifecycle",
    enabled: true,
    definition: {
      filters: { blobTypes: ["blockBlob", "appendBlob"] },
      actions: {
        baseBlob: { delete: { daysAfterModificationGreaterThan: days } },
        snapshot: { delete: { daysAfterCreationGreaterThan: days } },
        version: { delete: { daysAfterCreationGreaterThan: days } },
      },
    },
  };
}
