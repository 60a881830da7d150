// Patches Azurite's private XML writer and its list of blobs at run time: a blob's name can have characters that XML
// does not have (U+FFFE and U+FFFF), and with such a blob Azurite answers each list of the container with 500.
import { loadClass, loadModule, type Method } from "../load-module.ts";

/** Begins a marker that is percent-encoded. */
const encodedMarker = "encoded:";
const notInXml = /[\u{fffe}\u{ffff}]/u;

/**
 * Writes such a name percent-encoded, with the attribute Encoded="true", as Azure does from version 2021-02-12 on.
 * Source: REST reference of Azure Storage, "List Blobs", remarks.
 */
export function encodeNamesInXml(): void {
  const xml: { stringifyXML(value: unknown, options: unknown): string } =
    loadModule("blob/generated/utils/xml");
  const { stringifyXML } = xml;
  xml.stringifyXML = (value, options) => stringifyXML(encodeNames(value, ""), options);
  const store = loadClass("blob/persistence/LokiBlobMetadataStore").prototype;
  const listBlobs: Method = store.listBlobs;
  const markerArgument = 7;
  store.listBlobs = function (...args: unknown[]) {
    return listBlobs.call(this, ...args.with(markerArgument, decodeMarker(args[markerArgument])));
  };
}

function encodeNames(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((each) => encodeNames(each, key));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, encodeNames(each, name)]));
  }
  if (typeof value !== "string") return value;
  if (key === "NextMarker") {
    const needsCode = notInXml.test(value) || value.startsWith(encodedMarker);
    return needsCode ? encodedMarker + encodeURIComponent(value) : value;
  }
  return notInXml.test(value) ? { $: { Encoded: "true" }, _: encodeURIComponent(value) } : value;
}

function decodeMarker(marker: unknown): unknown {
  if (typeof marker !== "string" || !marker.startsWith(encodedMarker)) return marker;
  return decodeURIComponent(marker.slice(encodedMarker.length));
}
