import { writeFileSync } from "node:fs";
import { StorageManagementClient } from "@azure/arm-storage";
import { afterAll, expect, test } from "vitest";
import { clientOptions } from "../../../cli/azure/http.ts";
import { parseResourceId } from "../../../cli/azure/resource-id.ts";
import { isSignedByFormerKey } from "../../../cli/file-exchange/link-signature.ts";
import { readFleetStatus } from "../../../cli/fleet-status/fleet-status.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const { fleet, operator, desk, folder, close } = await onboardedFleet("renewed", 2);
afterAll(close);

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);

async function driftOf(terminal: string) {
  for await (const status of readFleetStatus(operator)) if (status.terminal === terminal) return status.drift;
  return undefined;
}

/** As `az storage account keys renew` does: without the command line. */
async function renewKeys(...names: string[]): Promise<void> {
  const { filesAccountResourceId, subscriptionId } = fleet.outputs;
  const {
    resourceGroup,
    names: [account = ""],
  } = parseResourceId(filesAccountResourceId);
  const storage = new StorageManagementClient(
    fleet.credential(),
    subscriptionId,
    clientOptions(fleet.network),
  );
  for (const keyName of names)
    await storage.storageAccounts.regenerateKey(resourceGroup, account, { keyName });
}

test("a link is known to be dead as soon as no account key gives its signature", async () => {
  const { url } = await operator.files.createLink("renewed-0", { name: "a b/ü.txt", direction: "upload" });
  const { account, keys } = await operator.files.readSigner();
  expect(isSignedByFormerKey(url, { account, keys })).toBe(false);
  const others = keys.map((key) => ({ ...key, value: Buffer.alloc(64, 7).toString("base64") }));
  expect(isSignedByFormerKey(url, { account, keys: others })).toBe(true);
  expect(isSignedByFormerKey("https://example.com/no-link", { account, keys: others })).toBe(false);
});

test("after an account key was renewed outside, `files` and `status` name the dead links, and sending again replaces them", async () => {
  const file = folder.file("list.csv");
  writeFileSync(file, "1001\n");
  expect((await run("send", "renewed-0", file)).code).toBe(0);
  expect((await run("request", "renewed-0", "terminal.log")).code).toBe(0);
  expect((await run("send", "renewed-1", file)).code).toBe(0);
  expect(await driftOf("renewed-0")).toEqual([]);
  await renewKeys("key1", "key2");

  expect(await driftOf("renewed-0")).toEqual(["deadLinks"]);
  const listed = jsonLines(await run("files", "renewed-0", "--json"));
  expect(listed.map(({ name, state, linkInvalid }) => [name, state, linkInvalid])).toEqual([
    ["list.csv", "waiting", true],
    ["terminal.log", "waiting", true],
  ]);
  const shown = (await run("files", "renewed-0")).stdout;
  expect(shown).toMatch(/list\.csv.*its link is invalid, because the account key was renewed: send it again/);
  expect(shown).toMatch(
    /terminal\.log.*its link is invalid, because the account key was renewed: request it again/,
  );
  expect((await run("status")).stdout).toContain("waiting files with invalid links");

  expect((await run("send", "renewed-0", file)).code).toBe(0);
  expect((await run("request", "renewed-0", "terminal.log")).code).toBe(0);
  expect(await driftOf("renewed-0")).toEqual([]);
  expect(await driftOf("renewed-1")).toEqual(["deadLinks"]);
  for (const { offer } of await operator.offers.list("renewed-0")) {
    expect(await operator.files.acceptsLink(offer.url)).toBe(true);
  }
});
