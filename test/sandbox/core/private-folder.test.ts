import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { temporaryFolder } from "../proxy/proxy-client.ts";

const times = 10;
const apartMs = 700;

/** Holds one folder after the other, each at the same moment as whoever else does; says which ones it got. */
const holder = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { holdFolder } from ${JSON.stringify(join(import.meta.dirname, "../../../sandbox/core/private-folder.ts"))};
  const [dir, firstAt] = process.argv.slice(1);
  const got = [];
  const held = [];
  for (let time = 0; time < ${times}; time++) {
    const at = Number(firstAt) + time * ${apartMs};
    await sleep(at - Date.now() - 5);
    while (Date.now() < at);
    try {
      held.push(holdFolder(dir + "/" + time));
      got.push(time);
    } catch (error) {
      if (!/runs the sandbox/.test(error.message)) throw error;
    }
  }
  console.log(JSON.stringify(got));
  // The other one still tries for the last.
  await sleep(1_000);
  for (const release of held) release();
`;

test("of two that want a folder at the very same moment, one gets it", { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder();
  for (let time = 0; time < times; time++) mkdirSync(join(folder.path, String(time)));
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", holder];
  const start = () =>
    spawn(process.execPath, [...args, folder.path, String(startsAt)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  const startsAt = Date.now() + 2_000;
  const got = await Promise.all([start(), start()].map(({ stdout }) => text(stdout)));
  const all = got.flatMap((each) => JSON.parse(each) as number[]);
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: times }, (_, time) => time));
});
