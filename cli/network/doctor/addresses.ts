import { BlockList, isIP } from "node:net";

/*
 * Addresses that are not on the internet. Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
 * 64:ff9b::/96 is missing on purpose: a DNS64 gives such addresses to hosts with IPv4 only (RFC 6052).
 */
const special: [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 127],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
];

const blockList = new BlockList();
for (const [network, prefix] of special) {
  blockList.addSubnet(network, prefix, isIP(network) === 6 ? "ipv6" : "ipv4");
}

/** Whether an address is in a private network, or leads nowhere. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && blockList.check(address, family === 6 ? "ipv6" : "ipv4");
}
