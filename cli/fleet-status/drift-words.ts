import { count, plural, t } from "../words/translate.ts";
import type { Drift } from "./drift.ts";

/** Each kind of drift with its remedy: of one terminal, and of several. */
const descriptions: Record<
  Drift,
  { one: (terminal: string) => string; several: (terminals: string) => string }
> = {
  flowStillOpen: {
    one: (terminal) => t`${terminal} is revoked at the IoT Hub but not at the Flow API: revoke it again`,
    several: (terminals) =>
      t`${terminals} are revoked at the IoT Hub but not at the Flow API: revoke them again`,
  },
  hubStillOpen: {
    one: (terminal) => t`${terminal} is revoked at the Flow API but not at the IoT Hub: revoke it again`,
    several: (terminals) =>
      t`${terminals} are revoked at the Flow API but not at the IoT Hub: revoke them again`,
  },
  filesStillOpen: {
    one: (terminal) => t`${terminal} is revoked, but its file links still work: revoke it again`,
    several: (terminals) => t`${terminals} are revoked, but their file links still work: revoke them again`,
  },
  noIdentity: {
    one: (terminal) => t`${terminal} has a Flow key row but no device identity: reinstate it`,
    several: (terminals) => t`${terminals} have a Flow key row but no device identity: reinstate them`,
  },
  noFlowRow: {
    one: (terminal) => t`${terminal} is half onboarded (no Flow key row): onboard its batch again`,
    several: (terminals) => t`${terminals} are half onboarded (no Flow key row): onboard their batch again`,
  },
  noContainer: {
    one: (terminal) => t`${terminal} is half onboarded (no container for files): onboard its batch again`,
    several: (terminals) =>
      t`${terminals} are half onboarded (no container for files): onboard their batch again`,
  },
  containerOnly: {
    one: (terminal) =>
      t`${terminal} has a container for files but no device identity and no Flow key row: look into the container, then delete it in the Azure portal`,
    several: (terminals) =>
      t`${terminals} have a container for files but no device identity and no Flow key row: look into the containers, then delete them in the Azure portal`,
  },
  noPolicy: {
    one: (terminal) => t`${terminal} has no stored access policy, so no file link works: reinstate it`,
    several: (terminals) =>
      t`${terminals} have no stored access policy, so no file link works: reinstate them`,
  },
  otherCustomer: {
    one: (terminal) =>
      t`${terminal} belongs to different customers in the IoT Hub and the key table: move it where it belongs with \`npx terminals move\``,
    several: (terminals) =>
      t`${terminals} belong to different customers in the IoT Hub and the key table: move them where they belong with \`npx terminals move\``,
  },
  otherSite: {
    one: (terminal) =>
      t`${terminal} is at different sites in the IoT Hub and the key table: move it where it belongs with \`npx terminals move\``,
    several: (terminals) =>
      t`${terminals} are at different sites in the IoT Hub and the key table: move them where they belong with \`npx terminals move\``,
  },
  twoFlowRows: {
    one: (terminal) => t`${terminal} has Flow key rows of several customers: revoke it and reinstate it`,
    several: (terminals) =>
      t`${terminals} have Flow key rows of several customers: revoke them and reinstate them`,
  },
  notOnboarded: {
    one: (terminal) => t`${terminal} has a credential bundle but no Flow key row: onboard its batch again`,
    several: (terminals) =>
      t`${terminals} have a credential bundle but no Flow key row: onboard their batch again`,
  },
  deadLinks: {
    one: (terminal) =>
      t`${terminal} has waiting files with invalid links, because an account key was renewed: send or request them again`,
    several: (terminals) =>
      t`${terminals} have waiting files with invalid links, because an account key was renewed: send or request them again`,
  },
  twoMachines: {
    one: (terminal) =>
      t`${terminal} is used by two machines with one key: revoke it, find the second machine, and reinstate it`,
    several: (terminals) =>
      t`${terminals} are used by two machines with one key: revoke them, find the second machine, and reinstate them`,
  },
  otherFlowKey: {
    one: (terminal) =>
      t`${terminal} has another Flow key than the one in the credential bundle of its batch: reinstate it, unless it was rotated or reinstated since`,
    several: (terminals) =>
      t`${terminals} have another Flow key than the one in the credential bundle of their batch: reinstate them, unless they were rotated or reinstated since`,
  },
};

/** A sentence about one terminal with a kind of drift: "It is half onboarded …: onboard its batch again." */
export function describeDrift(drift: Drift): string {
  return `${descriptions[drift].one(t`It`)}.`;
}

/** Counts the terminals with one kind of drift, for example "2 terminals are half onboarded …". */
export function formatDriftCount(drift: Drift, terminals: number): string {
  const number = count(terminals, "terminal");
  const { one, several } = descriptions[drift];
  return plural(terminals, { one: one(number), other: several(number) });
}
