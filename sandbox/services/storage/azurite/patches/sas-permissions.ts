// Patches the maps of Azurite's private modules OperationAccountSASPermission and OperationBlobSASPermission at run
// time: they lack two operations, so that Azurite fails when a SAS is used for them.
import { loadClass, loadModule } from "../load-module.ts";

/**
 * Requires the permission write to seal an append blob and to resize a page blob, as for other changes of a blob.
 * Source: "Create an account SAS", "Create a service SAS", permissions by operation.
 */
export function addMissingSasPermissions(): void {
  const operations = loadClass("blob/generated/artifacts/operation");
  const servicePermissions = loadModule("blob/authentication/OperationBlobSASPermission");
  for (const permissions of [
    loadClass("blob/authentication/OperationAccountSASPermission"),
    servicePermissions.OPERATION_BLOB_SAS_BLOB_PERMISSIONS,
    servicePermissions.OPERATION_BLOB_SAS_CONTAINER_PERMISSIONS,
  ]) {
    const write = permissions.get(operations.PageBlob_UpdateSequenceNumber);
    for (const name of ["AppendBlob_Seal", "PageBlob_Resize"]) permissions.set(operations[name], write);
  }
}
