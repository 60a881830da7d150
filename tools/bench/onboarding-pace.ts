import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { newDesk, onboardNewBatch } from "./onboarding.ts";

/** Each takes minutes at the tier's throttle. The operations of the first minute need no wait. */
const samples = [
  { tier: "S1", perMinute: 100, terminals: 400 },
  { tier: "S3", perMinute: 5_000, terminals: 30_000 },
];

/** Onboarding under the hub's throttle with bulk calls: the share of the throttle that it uses. */
export async function benchOnboardingPace(): Promise<string[]> {
  const lines: string[] = [];
  for (const { tier, perMinute, terminals } of samples) {
    await using fleet = await deployFleet({ tier, throttling: true });
    const desk = await newDesk(fleet);
    try {
      const { run } = await onboardNewBatch(desk, `pace-${tier.toLowerCase()}`, terminals, [
        "--import",
        "never",
      ]);
      const share = ((terminals - perMinute) / perMinute / (run.seconds / 60)) * 100;
      lines.push(
        `${tier}: ${terminals} terminals in ${run.seconds.toFixed(1)} s, ${share.toFixed(1)}% of ${perMinute} registry operations a minute (at least 95)`,
      );
    } finally {
      desk.remove();
    }
  }
  return lines;
}
