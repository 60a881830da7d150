import { describe, expect, test } from "vitest";
import { assessTerminal, type Drift, drifts, type TerminalRecords } from "../../../cli/fleet-status/drift.ts";
import { describeDrift, formatDriftCount } from "../../../cli/fleet-status/drift-words.ts";
import type { FlowEntry, HubEntry } from "../../../cli/fleet-status/sources.ts";

const hub: HubEntry = {
  id: "t-1",
  customer: "example",
  site: "Hall",
  enabled: true,
  connected: true,
  lastSeen: "2025-11-01T00:00:00Z",
  isRotating: false,
  waiting: 1,
  deadLinks: 0,
  delivered: 0,
  failed: 0,
};
const disabled: HubEntry = { ...hub, enabled: false, connected: false, reason: "stolen" };
const row: FlowEntry = {
  id: "t-1",
  customer: "example",
  site: "Hall",
  active: true,
  keyCreatedAt: "2025-10-01T00:00:00.000Z",
  currentKeySha256: "current",
  previousKeySha256: "previous",
};
const revokedRow: FlowEntry = { ...row, active: false };
const journal = { id: "t-1", customer: "example", site: "Hall", flowKeySha256: "current" };
const onboarded: TerminalRecords = {
  id: "t-1",
  hub: [hub],
  flow: [row],
  container: [{ id: "t-1" }],
  journal: [],
};

describe("assessTerminal", () => {
  test.each<[string, Partial<TerminalRecords>, { policy?: boolean; hasTwoMachines?: boolean }, Drift[]]>([
    ["an onboarded terminal", {}, {}, []],
    ["an onboarded terminal with its stored access policy", {}, { policy: true }, []],
    ["an onboarded terminal that is in the journal", { journal: [journal] }, {}, []],
    ["a terminal with a rotated Flow key", { journal: [{ ...journal, flowKeySha256: "previous" }] }, {}, []],
    [
      "a terminal with waiting links of a former account key",
      { hub: [{ ...hub, deadLinks: 1 }] },
      {},
      ["deadLinks"],
    ],
    ["a terminal whose key two machines use", {}, { hasTwoMachines: true }, ["twoMachines"]],
    [
      "a revoked terminal whose key two machines use",
      { hub: [disabled], flow: [revokedRow] },
      { hasTwoMachines: true },
      [],
    ],
    ["a revoked terminal", { hub: [disabled], flow: [revokedRow] }, { policy: false }, []],
    ["a terminal revoked at the IoT Hub only", { hub: [disabled] }, {}, ["flowStillOpen"]],
    ["a terminal revoked at the Flow API only", { flow: [revokedRow] }, {}, ["hubStillOpen"]],
    [
      "a revoked terminal with a stored access policy",
      { hub: [disabled], flow: [revokedRow] },
      { policy: true },
      ["filesStillOpen"],
    ],
    ["a terminal without device identity", { hub: [] }, {}, ["noIdentity"]],
    ["a terminal without Flow key row", { flow: [] }, {}, ["noFlowRow"]],
    ["a revoked terminal without Flow key row", { hub: [disabled], flow: [] }, {}, []],
    ["a terminal without container", { container: [] }, {}, ["noContainer"]],
    ["a container without other records", { hub: [], flow: [] }, {}, ["containerOnly"]],
    ["a terminal without stored access policy", {}, { policy: false }, ["noPolicy"]],
    ["a terminal of two customers", { flow: [{ ...row, customer: "other" }] }, {}, ["otherCustomer"]],
    ["a terminal at two sites", { flow: [{ ...row, site: "Pool" }] }, {}, ["otherSite"]],
    [
      "a terminal with two Flow key rows",
      { flow: [{ ...row, customer: "another" }, row] },
      {},
      ["twoFlowRows"],
    ],
    [
      "a terminal with only a credential bundle",
      { flow: [], journal: [journal] },
      {},
      ["noFlowRow", "notOnboarded"],
    ],
    [
      "a terminal with another Flow key than its bundle",
      { journal: [{ ...journal, flowKeySha256: "older" }] },
      {},
      ["otherFlowKey"],
    ],
    [
      "a terminal whose newest bundle has its Flow key",
      { journal: [{ ...journal, flowKeySha256: "older" }, journal] },
      {},
      [],
    ],
  ])("reports the drift of %s", (_terminal, change, checks, expected) => {
    expect(assessTerminal({ ...onboarded, ...change }, checks).drift).toEqual(expected);
  });

  test.each([
    [{}, "connected"],
    [{ connected: false }, "offline"],
    [{ connected: false, lastSeen: undefined }, "never-seen"],
    [{ enabled: false }, "revoked"],
  ] as const)("derives from the hub entry %o the state %s", (change, state) => {
    expect(assessTerminal({ ...onboarded, hub: [{ ...hub, ...change }] }).state).toBe(state);
  });

  test("reports customer, site, files, and the creation time of the older key", () => {
    const rotated = { ...hub, keysRenewedAt: "2025-10-20T00:00:00.000Z" };
    expect(assessTerminal({ ...onboarded, hub: [rotated] })).toEqual({
      terminal: "t-1",
      customer: "example",
      site: "Hall",
      state: "connected",
      lastSeen: "2025-11-01T00:00:00Z",
      keysFrom: "2025-10-01T00:00:00.000Z",
      files: { waiting: 1, delivered: 0, failed: 0 },
      drift: [],
    });
    const newerRow = { ...row, keyCreatedAt: "2025-10-25T00:00:00.000Z" };
    expect(assessTerminal({ ...onboarded, hub: [rotated], flow: [newerRow] }).keysFrom).toBe(
      rotated.keysRenewedAt,
    );
    expect(assessTerminal({ ...onboarded, hub: [disabled] })).toMatchObject({
      state: "revoked",
      reason: "stolen",
    });
  });
});

describe("drift descriptions", () => {
  test.each(drifts)("of %s are a sentence about one terminal, and one about several", (drift) => {
    expect(describeDrift(drift)).toMatch(/^It (is|has|belongs) .*[^.]\.$/);
    expect(formatDriftCount(drift, 2)).toMatch(/^2 terminals (are|have|belong) .*[^.]$/);
  });

  test("agree with the number of terminals that they describe", () => {
    expect(formatDriftCount("noFlowRow", 1)).toBe(
      "1 terminal is half onboarded (no Flow key row): onboard its batch again",
    );
    expect(formatDriftCount("noFlowRow", 4)).toBe(
      "4 terminals are half onboarded (no Flow key row): onboard their batch again",
    );
    expect(formatDriftCount("filesStillOpen", 2)).toBe(
      "2 terminals are revoked, but their file links still work: revoke them again",
    );
    expect(formatDriftCount("otherCustomer", 2)).toBe(
      "2 terminals belong to different customers in the IoT Hub and the key table: move them where they belong with `npx terminals move`",
    );
  });
});
