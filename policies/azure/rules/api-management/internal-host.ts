import { BlockList, isIP } from "node:net";

/**
 * Addresses that no service on the internet has: this host, private networks, link-local with Azure's metadata service,
 * carrier-grade NAT, and Azure's platform address 168.63.129.16. Source: IANA special-purpose address registries;
 * virtual-network/what-is-ip-address-168-63-129-16.
 */
const internal = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  internal.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  internal.addSubnet(network, prefix, "ipv6");
}

/** Whether the host of a parsed URL, with or without a port, is this computer or is in a private network. */
export function isInternalHost(host: string): boolean {
  const name = host
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  const version = isIP(name);
  // The block list also finds an IPv4 address that is written as an IPv6 one.
  if (version !== 0) return internal.check(name, version === 4 ? "ipv4" : "ipv6");
  return name === "localhost" || /\.(localhost|local|internal|home\.arpa)$/.test(name);
}
