import { type Drift, drifts, type State, type TerminalStatus } from "../../../../cli/fleet-status/drift.ts";
import { SimilarSiteFinder } from "../../../../cli/fleet-status/similar-sites.ts";
import { Sites } from "../../../../cli/fleet-status/sites.ts";

/** Time of the example fleets. */
export const now = Date.parse("2025-11-24T12:00:00Z");

const siteNames = [
  "Rådhuset",
  "Østre skole",
  "Ærfugl barnehage",
  "Zoologisk museum",
  "Brannstasjonen",
  "Lager 10",
  "lager 10",
  "Lager 9",
  "Hoved\u00adlager",
];

const stateOf = (n: number): State =>
  n % 11 === 0 ? "never-seen" : n % 7 === 0 ? "offline" : n % 29 === 3 ? "revoked" : "connected";

const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

/**
 * A fleet with every state and kind of drift, with labels, notes, long IDs and names, one customer in 40 terminals. The
 * trouble is at the last customers by name.
 */
export function exampleTerminals(count: number): TerminalStatus[] {
  const customers = Math.max(4, Math.ceil(count / 40));
  return Array.from({ length: count }, (_, n): TerminalStatus => {
    const customer = n % customers;
    const ofCustomer = Math.floor(n / customers);
    const hasTrouble = customer >= customers / 2 && ofCustomer % 5 === 0;
    const drift = hasTrouble ? [drifts[(ofCustomer / 5 + customer) % drifts.length] as Drift] : [];
    const state =
      drift.includes("containerOnly") || drift.includes("noIdentity") ? "no-identity" : stateOf(n);
    const isSeen = state === "connected" || state === "offline";
    return {
      terminal: n === 3 ? `example-${"long-".repeat(10)}id` : `kunde-${customer}-terminal-${n}`,
      ...(drift[0] === "containerOnly" ? {} : { customer: `kunde-${customer}` }),
      ...(drift[0] === "containerOnly"
        ? {}
        : {
            site: siteNames[(ofCustomer + (customer > 6 && ofCustomer % 9 === 6 ? 1 : 0)) % siteNames.length],
          }),
      name: n % 3 === 0 ? "Inngang ved den store parkeringsplassen i kjelleren" : "Inngang",
      state,
      ...(state === "revoked" ? { reason: "stolen from the entrance" } : {}),
      ...(isSeen ? { lastSeen: ago(state === "offline" ? n * 3_700 + 60 : n * 3) } : {}),
      ...(state === "no-identity" ? {} : { keysFrom: ago(86_400 * (n % 120)) }),
      ...(n % 13 === 0 ? { labels: { floor: String(n % 4), owner: "facility management" } } : {}),
      ...(n % 17 === 0 ? { note: "The cable was replaced." } : {}),
      ...(n % 31 === 0 ? { rotating: true as const } : {}),
      files: { waiting: n % 9 === 0 ? 1 : 0, delivered: n % 4, failed: n % 97 === 50 ? 1 : 0 },
      drift,
    };
  });
}

/** The arguments of `renderPage` for some terminals. */
export function pageArguments(terminals: readonly TerminalStatus[]) {
  const sites = new Sites();
  const finder = new SimilarSiteFinder();
  for (const one of terminals) {
    sites.add(one);
    finder.add(one);
  }
  const findings = { similarSites: finder.groups(), imports: [] };
  const head = { environment: "dev", hubHostName: "example-hub.azure-devices.net", scope: "", now, findings };
  return [sites, head] as const;
}
