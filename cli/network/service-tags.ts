import { BlockList, isIPv4 } from "node:net";
import { basename } from "node:path";
import { z } from "zod";
import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { fileKinds, readBounded } from "../lib/read-bounded.ts";
import { t } from "../words/translate.ts";

/*
 * Microsoft's weekly file of the addresses of its services: https://www.microsoft.com/download/details.aspx?id=56519.
 * Its name is ServiceTags_Public_YYYYMMDD.json. Source of its members: "Virtual network service tags", discovery of service
 * tags by downloadable JSON files. The numbers that a hub's addresses may have: IoT Hub has no IPv6, and a failover moves it
 * to the paired region ("IoT Hub IP addresses").
 */

const tagsFile = z.object({
  changeNumber: z.int(),
  cloud: z.string(),
  values: z.array(
    z.object({
      name: z.string(),
      properties: z.object({ addressPrefixes: z.array(z.string()) }),
    }),
  ),
});

export type TagUse = "hub" | "hubPair" | "storage" | "flow";

/** The tags that a terminal's destinations are in. The last one has no tag of its own: all of Azure in the region. */
const wanted: { use: TagUse; name: string; pattern: RegExp }[] = [
  { use: "hub", name: "AzureIoTHub.WestEurope", pattern: /^AzureIoTHub\.WestEurope$/i },
  { use: "hubPair", name: "AzureIoTHub.NorthEurope", pattern: /^AzureIoTHub\.NorthEurope$/i },
  { use: "storage", name: "Storage.WestEurope", pattern: /^Storage\.WestEurope$/i },
  // Microsoft shortens the names of some regions in this tag.
  { use: "flow", name: "AzureCloud.norwayeast", pattern: /^AzureCloud\.norwaye(ast)?$/i },
];

/** One service tag of the file. */
export interface ServiceTag {
  use: TagUse;
  name: string;
  /** Address ranges in CIDR notation; undefined when the file has no such tag. */
  prefixes: string[] | undefined;
  /** IPv4 addresses in these ranges. */
  addresses: number;
}

/** What the sheet says of the addresses. */
export interface ServiceTags {
  /** Day of the file, from its name, for example 2026-11-23; undefined for another name. */
  date: string | undefined;
  changeNumber: number;
  tags: ServiceTag[];
}

/**
 * Reads the service tags of a terminal's destinations from Microsoft's file.
 * @throws OperatorError when it cannot be read, or is another file, or one of another cloud.
 */
export async function readServiceTags(path: string): Promise<ServiceTags> {
  const wrong = (why: string) =>
    new OperatorError("usage", t`${path} is not Microsoft's file of service tags: ${why}`, {
      remedy: t`Download it from https://www.microsoft.com/download/details.aspx?id=56519.`,
    });
  let value: unknown;
  try {
    value = JSON.parse(decodeText(await readBounded(path, fileKinds.serviceTags)));
  } catch (error) {
    throw error instanceof OperatorError ? error : wrong(t`it is not JSON`);
  }
  const result = tagsFile.safeParse(value);
  if (!result.success) throw wrong(t`it has no changeNumber, cloud and values`);
  const { cloud, changeNumber, values } = result.data;
  if (cloud !== "Public") throw wrong(t`it is of the cloud ${cloud}`);
  const tags = wanted.map(({ use, name, pattern }): ServiceTag => {
    const found = values.find((one) => pattern.test(one.name));
    const prefixes = found?.properties.addressPrefixes;
    return { use, name: found?.name ?? name, prefixes, addresses: countAddresses(prefixes ?? []) };
  });
  if (tags.every(({ prefixes }) => prefixes === undefined))
    throw wrong(t`it has none of the tags of a terminal`);
  for (const prefix of tags.flatMap(({ prefixes }) => prefixes ?? [])) {
    if (!isPrefix(prefix)) throw wrong(t`${prefix} is no range of addresses`);
  }
  // A browser numbers a second download of the same file.
  const day = /(\d{4})(\d{2})(\d{2})(?: ?\(\d+\))?\.json$/i.exec(basename(path));
  return { date: day ? `${day[1]}-${day[2]}-${day[3]}` : undefined, changeNumber, tags };
}

const countAddresses = (prefixes: string[]) =>
  prefixes.reduce((sum, prefix) => {
    const [address = "", bits] = prefix.split("/");
    return isIPv4(address) ? sum + 2 ** (32 - Number(bits ?? 32)) : sum;
  }, 0);

function isPrefix(prefix: string): boolean {
  const [address = "", bits] = prefix.split("/");
  try {
    new BlockList().addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}
