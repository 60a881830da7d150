import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { declareFleet } from "../fleet.ts";
import { judgeInProcess } from "../judge-in-process.ts";
import type { EngineResource } from "../pack.ts";
import { type Accepted, accepted } from "./accepted.ts";
import { mutateGrants } from "./grant-mutations.ts";
import { createJudges, differsFromSnapshot, type JudgeName } from "./judges.ts";
import { type Mutation, nameOf } from "./mutation.ts";
import { mutateOptions } from "./option-mutations.ts";
import { mutateOutputs } from "./output-mutations.ts";
import { mutateResources } from "./resource-mutations.ts";
import { mutateValues } from "./value-mutations.ts";

const shareFile = join(import.meta.dirname, "share.json");
const stacks = ["dev", "prod"] as const;
const generators = [mutateValues, mutateResources, mutateOptions, mutateGrants, mutateOutputs];

interface Judged {
  name: string;
  mutation: Mutation;
  noticedBy: JudgeName | undefined;
  acceptance: Accepted | undefined;
}

let fleets: [stack: string, fleet: EngineResource[]][];
let judged: Judged[];
beforeAll(async () => {
  fleets = [];
  for (const stack of stacks) fleets.push([stack, await declareFleet(stack)]);
  judged = [];
  for (const [stack, fleet] of fleets) {
    const judges = await createJudges(stack);
    for (const mutation of generators.flatMap((generate) => generate(fleet))) {
      const name = `${mutation.type.split(":").at(-1)} ${nameOf(mutation)}`;
      const noticedBy = await judges.findNoticing(fleet, mutation);
      const acceptance = noticedBy ? undefined : accepted.find(({ pattern }) => pattern.test(name));
      judged.push({ name, mutation, noticedBy, acceptance });
    }
  }
}, 600_000);

test("no judge notices anything in the program as it is", () => {
  for (const [stack, fleet] of fleets) {
    expect(judgeInProcess(fleet)).toEqual([]);
    expect(differsFromSnapshot(stack, fleet)).toBe(false);
  }
});

test("every mutation is noticed, or is accepted with a reason", () => {
  const unnoticed = judged.filter(({ noticedBy, acceptance }) => !noticedBy && !acceptance);
  expect(unnoticed.map(({ name }) => name)).toEqual([]);
});

test("each acceptance is needed", () => {
  const used = new Set(judged.map(({ acceptance }) => acceptance));
  expect(accepted.filter((each) => !used.has(each)).map(({ pattern }) => String(pattern))).toEqual([]);
});

/** Of the mutations that mean something: how many there are, and how many are noticed by whom. */
function countByKind(): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { mutation, noticedBy, acceptance } of judged) {
    if (acceptance?.isMeaningless) continue;
    for (const kind of [mutation.kind, "all"]) {
      counts[kind] ??= { meaningful: 0, noticed: 0 };
      const count = counts[kind]!;
      count.meaningful!++;
      if (noticedBy) {
        count.noticed!++;
        count[noticedBy] = (count[noticedBy] ?? 0) + 1;
      }
    }
  }
  return counts;
}

test("the share of noticed mutations is kept, is at least 90 %, and does not fall", async () => {
  const counts = countByKind();
  const percent = ({ meaningful, noticed }: Record<string, number>) =>
    Math.floor((1000 * noticed!) / meaningful!) / 10;
  const shares = Object.fromEntries(
    Object.entries(counts)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([kind, count]) => [kind, { ...count, percent: percent(count) } as Record<string, number>]),
  );
  console.log(
    Object.entries(shares)
      .map(
        ([kind, { meaningful, noticed, percent }]) => `${kind}: ${noticed} of ${meaningful} (${percent} %)`,
      )
      .join("\n"),
  );
  const kept = existsSync(shareFile)
    ? (JSON.parse(readFileSync(shareFile, "utf8")) as Record<string, { percent: number }>)
    : {};
  const fallen = Object.entries(kept).filter(
    ([kind, { percent }]) => !((shares[kind]?.percent ?? 0) >= percent),
  );
  expect(fallen.map(([kind]) => kind)).toEqual([]);
  expect(shares.all?.percent).toBeGreaterThanOrEqual(90);
  await expect(`${JSON.stringify(shares, undefined, 2)}\n`).toMatchFileSnapshot(shareFile);
});
