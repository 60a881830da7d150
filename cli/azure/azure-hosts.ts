import { z } from "zod";
import { t } from "../words/translate.ts";

/*
 * Hosts that receive tokens, keys or files. Each is a host of Azure's public cloud, in the one form in which Azure writes
 * it: https, without user, port, query or fragment. A host name under these suffixes can only be had from Microsoft.
 * Sources: "Storage account overview" (standard endpoints), "Understand IoT Hub endpoints", and "API Management gateway
 * overview" of Azure's documentation.
 */

/** Host name of an IoT Hub. Azure also gives every hub a second name, HUB.device.azure-devices.net. */
const hubHostPattern = /^([a-z0-9](?:-?[a-z0-9])*)\.azure-devices\.net$/i;
const hubDeviceHostPattern = /^([a-z0-9](?:-?[a-z0-9])*)\.(?:device\.)?azure-devices\.net$/i;
/** An API's URL at an API Management gateway: a path of plain segments, and nothing after it. */
const gatewayPattern =
  /^https:\/\/([a-z](?:-?[a-z0-9])*)\.azure-api\.net((?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+)$/;
/** URL of a blob, with its shared access signature as the query. */
const blobPattern =
  /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net\/[a-z0-9-]{3,63}\/[^?#\\]+(\?[^#]*)?$/;

/** Name of the IoT Hub with this host name; undefined when it is no host name of an IoT Hub. */
export function hubNameOf(hostName: string): string | undefined {
  return hubHostPattern.exec(hostName)?.[1];
}

/** Name of the API Management service of an API's URL; undefined when it is no such URL. */
export function gatewayNameOf(url: string): string | undefined {
  return gatewayPattern.exec(url)?.[1];
}

/** Name of the storage account of an endpoint, for example https://example.blob.core.windows.net/; undefined for any other URL. */
export function accountNameOf(endpoint: string, service: "blob" | "table"): string | undefined {
  const match = /^https:\/\/([a-z0-9]{3,24})\.(blob|table)\.core\.windows\.net\/$/.exec(endpoint);
  return match?.[2] === service ? match[1] : undefined;
}

/** Name of the storage account of a container's URL; undefined for any other URL. */
export function accountOfContainer(url: string): string | undefined {
  return /^https:\/\/([a-z0-9]{3,24})\.blob\.core\.windows\.net\/[a-z0-9](?:-?[a-z0-9]){2,62}$/.exec(
    url,
  )?.[1];
}

/** Host name under which a terminal reaches its IoT Hub. */
export const hubHostName = z.string().regex(hubDeviceHostPattern, {
  error: () => t`must be the host name of an IoT Hub: HUB.azure-devices.net`,
});

/** URL of the Flow API at its gateway. */
export const flowApiUrl = z.string().regex(gatewayPattern, {
  error: () => t`must be the URL of an API in API Management: https://SERVICE.azure-api.net/PATH`,
});

/** URL of a blob, for a file link. */
export const blobUrl = z
  .url({ protocol: /^https$/ })
  .max(4000)
  // Not a pattern: the JSON schema of an offer, which terminals' makers use, stays as it is.
  .refine((url) => blobPattern.test(url), {
    error: () => t`must be the URL of a blob: https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB`,
  });
