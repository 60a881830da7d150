// Patches Azurite's private class LokiBlobMetadataStore at run time: Azurite keeps the copy properties of a blob whose
// properties are set afterwards.
import { loadClass, type Method } from "../load-module.ts";

const copyProperties = [
  "copyId",
  "copySource",
  "copyStatus",
  "copyStatusDescription",
  "copyProgress",
  "copyCompletionTime",
];

/**
 * Removes the copy properties of a blob with Set Blob Properties. Source: "Get Blob Properties": x-ms-copy-source "does not
 * appear if this blob has been modified after a concluded Copy Blob operation using Set Blob Properties, Put Blob, or Put
 * Block List".
 */
export function clearCopyProperties(): void {
  const store = loadClass("blob/persistence/LokiBlobMetadataStore").prototype;
  const setBlobHTTPHeaders: Method = store.setBlobHTTPHeaders;
  store.setBlobHTTPHeaders = async function (...args: unknown[]) {
    const properties = (await setBlobHTTPHeaders.apply(this, args)) as Record<string, unknown>;
    for (const name of copyProperties) delete properties[name];
    return properties;
  };
}
