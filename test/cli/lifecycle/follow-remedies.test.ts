import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { BlockBlobClient } from "@azure/storage-blob";
import { afterAll, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import { requestFile } from "../../../cli/file-exchange/exchange.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { report } from "../device.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import type { CliResult } from "../run-cli.ts";

/*
 * The commands that remedies name, run as they are shown: a POSIX shell splits them into arguments. A test adds only
 * what concerns every command: the stack, the folder for bundles, and --yes.
 */

const { fleet, operator, desk, folder, close } = await onboardedFleet("remedy", 6);
afterAll(close);

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);
const sealed = ["--out", desk.out, "--recipient", desk.recipient, "--yes"];

/** The commands of `terminals` in backticks in what a command wrote. */
function commandsIn({ stdout, stderr }: CliResult): string[] {
  return [...`${stdout}${stderr}`.matchAll(/`(?:npx )?terminals ([^`]+)`/g)].map(([, line = ""]) => line);
}

/** Runs a command as a shell would pass its arguments. */
async function follow(line: string, ...more: string[]): Promise<CliResult> {
  const words = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" }).split("\0");
  const result = await run(...words.slice(0, -1), ...more);
  expect(result.code, `${line}\n${result.stderr}`).toBe(0);
  return result;
}

function fileOf(name: string): string {
  writeFileSync(folder.file(name), "content");
  return folder.file(name);
}

test.skipIf(process.platform === "win32")(
  "send to a revoked terminal: `reinstate` makes it work again",
  async () => {
    expect((await run("revoke", "remedy-0", "--reason", "lost", "--yes")).code).toBe(0);
    const failed = await run("send", "remedy-0", fileOf("a.txt"));
    expect(failed.code).toBe(1);
    const [reinstate = ""] = commandsIn(failed);
    expect(reinstate).toBe("reinstate remedy-0");
    await follow(reinstate, ...sealed);
    expect((await run("send", "remedy-0", fileOf("a.txt"))).code).toBe(0);
  },
);

test.skipIf(process.platform === "win32")("an unknown offer: `files` lists the offers", async () => {
  expect((await run("send", "remedy-1", fileOf("b.txt"))).code).toBe(0);
  const failed = await run("revoke", "remedy-1", "--file", "nothing", "--reason", "lost", "--yes");
  expect((await follow(commandsIn(failed)[0] ?? "")).stdout).toContain("b.txt");
});

test.skipIf(process.platform === "win32")("an unknown terminal: `status` lists the terminals", async () => {
  for (const command of [
    ["revoke", "no-such-terminal", "--reason", "lost", "--yes"],
    ["retire", "no-such-terminal", "--yes"],
  ]) {
    const failed = await run(...command);
    expect(failed.code).toBe(1);
    expect((await follow(commandsIn(failed)[0] ?? "")).stdout).toContain("remedy-1");
  }
});

test.skipIf(process.platform === "win32")(
  "a delivered file that differs from its report: it is withdrawn and requested again, whatever its name is",
  async () => {
    const name = "it's $(touch pwned); `id` & co.log";
    const { id, offer } = await requestFile(operator, "remedy-2", name, {});
    const content = Buffer.from("delivered");
    await new BlockBlobClient(offer.url, blobPipeline(fleet.network)).uploadData(content);
    const done = {
      state: "done",
      at: new Date().toISOString(),
      sha256: sha256Base64("another"),
      size: content.length,
    };
    await report(operator, "remedy-2", { files: { [id]: done } });
    const failed = await run("files", "remedy-2", "--collect", folder.file("collected"));
    expect(failed.code).toBe(1);
    // The file's name has a backtick itself.
    const [, withdraw = "", request = ""] =
      /`(?:npx )?terminals (files .*?)`; then request it again: `(?:npx )?terminals (.*)`\.$/m.exec(
        failed.stderr,
      ) ?? [];
    await follow(withdraw, "--yes");
    await follow(request);
    expect((await operator.offers.list("remedy-2")).map((one) => [one.offer.name, one.state])).toEqual([
      [name, "waiting"],
    ]);
  },
);

test.skipIf(process.platform === "win32")(
  "onboarding a revoked terminal again: `reinstate` gives it new keys",
  async () => {
    expect((await run("revoke", "remedy-3", "--reason", "lost", "--yes")).code).toBe(0);
    const refused = await desk.onboard();
    expect(refused.code).toBe(1);
    await follow(commandsIn(refused).find((line) => line.startsWith("reinstate remedy-3")) ?? "", ...sealed);
    await desk.expectOnboarded(operator, "remedy-3");
  },
);

test.skipIf(process.platform === "win32")(
  "rotating a revoked terminal: `reinstate` gives it new keys",
  async () => {
    expect((await run("revoke", "remedy-4", "--reason", "lost", "--yes")).code).toBe(0);
    const refused = await run("rotate", "remedy-4", "--yes");
    expect(refused.code).toBe(1);
    const [line = ""] = commandsIn(refused);
    await follow(`${line} remedy-4`, ...sealed);
    await desk.expectOnboarded(operator, "remedy-4");
  },
);
