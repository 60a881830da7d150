import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { describeOnboarding } from "../../../cli/commands/onboard/dry-run.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { type Batch, checkBatch } from "../../../cli/onboarding/batch-file/batch.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { jsonLines } from "../run-cli.ts";
import { batchOf, Desk } from "./onboarding-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
afterEach(() => folder?.[Symbol.asyncDispose]());

async function deskOf(prefix: string, count: number, customer?: string): Promise<Desk> {
  folder = await temporaryFolder();
  return Desk.at(fleet, folder.path, batchOf(prefix, count, customer));
}

describe("`onboard --dry-run`", () => {
  test("works while another run has the journal of the batch open", async () => {
    const desk = await deskOf("dry", 3);
    const journal = await Journal.open(fleet.journalOf(desk.batch));
    try {
      const planned = await desk.onboard(["--dry-run", "--json"]);
      expect(planned.code, planned.stdout).toBe(0);
      expect(jsonLines(planned)).toMatchObject([{ type: "plan", terminals: 3, new: 3 }]);
      expect((await desk.onboard()).stderr).toContain("is onboarding this batch");
    } finally {
      await journal.close();
    }
    expect((await desk.onboard()).code).toBe(0);
  });

  test("leaves a journal unchanged, with its incomplete last line", async () => {
    const desk = await deskOf("cut", 2);
    expect((await desk.onboard()).code).toBe(0);
    const journal = fleet.journalOf(desk.batch);
    writeFileSync(journal, '{"terminal":"cut-', { flag: "a" });
    const before = readdirSync(folder.path).sort();
    expect(jsonLines(await desk.onboard(["--dry-run", "--json"]))).toMatchObject([{ unchanged: 2 }]);
    expect(readdirSync(folder.path).sort()).toEqual(before);
    expect(jsonLines(await desk.onboard(["--json"])).at(-1)).toMatchObject({ unchanged: 2 });
  });

  test("lists the terminals that would be refused with reasons and remedies, as text and as JSON", async () => {
    const desk = await deskOf("refused", 4);
    expect((await desk.onboard()).code).toBe(0);
    await revoke("refused-1", operator, { reason: "lost" });
    await operator.registry.delete("refused-2");
    const asJson = jsonLines(await desk.onboard(["--dry-run", "--json"]));
    expect(asJson).toMatchObject([
      {
        type: "refused",
        terminal: "refused-1",
        message: "its Flow key is revoked",
        remedy: expect.any(String),
      },
      {
        type: "refused",
        terminal: "refused-2",
        message: expect.stringContaining("its device identity does not exist"),
      },
      { type: "plan", refused: 2, unchanged: 2 },
      { type: "error", message: "2 of 4 terminals would be refused" },
    ]);
    const asText = await desk.onboard(["--dry-run"]);
    expect(asText.code).toBe(1);
    expect(asText.stdout).toContain("refused-1: its Flow key is revoked\n");
    expect(asText.stdout).toContain("`npx terminals reinstate refused-2` creates a new one");
  });

  test.each([
    ["an SSH key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "SSH keys are not accepted"],
    ["a text", "nonsense", "is not an age recipient"],
  ])("exits 2 when the recipient is %s, as a run does", async (_what, recipient, message) => {
    const desk = await deskOf("sealed", 1);
    for (const more of [["--dry-run"], []]) {
      const { code, stderr } = await desk.onboard(["--recipient", recipient, ...more]);
      expect([code, stderr], String(more)).toEqual([2, expect.stringContaining(message)]);
    }
    expect(existsSync(desk.out)).toBe(false);
  });

  test("exits 2 when the passphrase is too short, as a run does", async () => {
    const desk = await deskOf("phrase", 1);
    const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", desk.out, "--passphrase"];
    for (const more of [["--dry-run"], ["--yes"]]) {
      const { code, stderr } = await desk.runInProcess([...args, ...more], { input: "short\n" });
      expect([code, stderr], String(more)).toEqual([
        2,
        expect.stringContaining("shorter than 12 characters"),
      ]);
    }
    const planned = await desk.runInProcess([...args, "--dry-run"], { input: "correct horse battery\n" });
    expect(planned.code, planned.stderr).toBe(0);
  });

  test.skipIf(process.platform === "win32")(
    "exits 2 when other accounts can write to --out, as a run does before it creates anything",
    async () => {
      const desk = await deskOf("shared", 1, "shared-customer");
      mkdirSync(desk.out);
      chmodSync(desk.out, 0o777);
      for (const more of [["--dry-run"], []]) {
        const { code, stderr } = await desk.onboard(more);
        expect([code, stderr], String(more)).toEqual([
          2,
          expect.stringContaining("can be written by every account"),
        ]);
      }
      expect(readdirSync(desk.out)).toEqual([]);
      expect(await operator.registry.get("shared-0")).toBeUndefined();
    },
  );

  test("exits 2 when --out is a file", async () => {
    const desk = await deskOf("nowhere", 1);
    writeFileSync(desk.out, "");
    const { code, stderr } = await desk.onboard(["--dry-run"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${desk.out} is not a folder`)]);
  });
});

describe("the folder of credential bundles", () => {
  test("is created before anything is created in Azure", async () => {
    const desk = await deskOf("no-folder", 1, "no-folder-customer");
    writeFileSync(desk.out, "");
    const { code, stderr } = await desk.onboard();
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${desk.out} cannot be made: file already exists`),
    ]);
    expect(await operator.customers.has("no-folder-customer")).toBe(false);
  });

  test.skipIf(process.platform === "win32")(
    "is tested with a file of a bundle's size before anything is created in Azure, and the file is removed",
    async () => {
      const desk = await deskOf("full", 2, "full-customer");
      const { code, stderr } = await desk.onboard([], { largestFileBytes: 1024 });
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(`${desk.out} cannot be written: file too large`);
      expect(await operator.customers.has("full-customer")).toBe(false);
      expect(await operator.registry.get("full-0")).toBeUndefined();
      expect(readdirSync(desk.out)).toEqual([]);
      const again = await desk.onboard();
      expect(again.code, again.stderr).toBe(0);
      expect(readdirSync(desk.out).sort()).toEqual(["full-0.age", "full-1.age"]);
    },
  );
});

test.skipIf(process.platform === "win32")(
  "on a full disk, the summary counts the terminals with a device identity as begun",
  async () => {
    // A credential bundle fits, but not the journal of sixty terminals.
    const desk = await deskOf("begun", 60);
    const stopped = await desk.onboard(["--json"], { largestFileBytes: 8192 });
    expect(stopped.code, stopped.stdout).toBe(1);
    const summary = jsonLines(stopped).find(({ type }) => type === "summary");
    expect(summary).toMatchObject({ onboarded: 0, failed: 0, begun: 60, left: 0 });
    expect(await operator.registry.get("begun-59")).toMatchObject({ status: "enabled" });
    expect((await desk.onboard()).code).toBe(0);
    await desk.expectOnboarded(operator, "begun-59");
  },
);

describe("`onboard` with names of sites that can be one site", () => {
  const rows = ["terminal;site;customer", "near-1;Town hall;near", "near-2;town hall;", "near-3;Town hall;"];
  const sitesOf = async (...ids: string[]) => {
    const tags = await Promise.all(ids.map((id) => operator.registry.tags(id)));
    return tags.map((one) => one?.site);
  };

  test("and --yes creates nothing and exits 2; --similar-sites merge writes the most frequent spelling", async () => {
    folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, rows.join("\n"));
    const refused = await desk.onboard(["--json"]);
    expect(refused.code).toBe(2);
    expect(jsonLines(refused)).toMatchObject([
      {
        type: "problem",
        line: 3,
        reason: '"Town hall" (2 terminals, line 2) and "town hall" (1 terminal, line 3) can be one site',
      },
      { type: "error", code: "SimilarSites", remedy: expect.stringContaining("--similar-sites merge") },
    ]);
    expect(existsSync(desk.out)).toBe(false);
    expect(await sitesOf("near-1")).toEqual([undefined]);

    const merged = await desk.onboard(["--similar-sites", "merge"]);
    expect(merged.code, merged.stderr).toBe(0);
    expect(merged.stderr).toContain('"town hall" (1 terminal) is written as "Town hall".');
    expect(merged.stdout).toMatch(/terminals +3 at 1 site\n/);
    expect(await sitesOf("near-1", "near-2", "near-3")).toEqual(["Town hall", "Town hall", "Town hall"]);
    const again = await desk.onboard(["--similar-sites", "merge", "--json"]);
    expect(jsonLines(again).at(-1)).toMatchObject({ onboarded: 0, unchanged: 3 });
  });

  test("compares with the sites that the customer has, and asks no more once both were kept", async () => {
    folder = await temporaryFolder();
    const first = await Desk.at(fleet, folder.path, "terminal;site;customer\nold-1;Rådhus 1;kept\n");
    expect((await first.onboard()).code).toBe(0);
    const batch = "terminal;site;customer\nnew-1;Rådhus1;kept\nnew-2;Annex;kept\n";
    await using other = await temporaryFolder();
    const desk = await Desk.at(fleet, other.path, batch);
    const refused = await desk.onboard(["--json"]);
    expect(refused.code).toBe(2);
    expect(jsonLines(refused)[0]).toMatchObject({
      line: 2,
      reason: '"Rådhus 1" (1 terminal onboarded before) and "Rådhus1" (1 terminal, line 2) can be one site',
    });
    expect((await desk.onboard(["--similar-sites", "keep"])).code).toBe(0);
    expect(await sitesOf("old-1", "new-1", "new-2")).toEqual(["Rådhus 1", "Rådhus1", "Annex"]);
    expect(jsonLines(await desk.onboard(["--json"])).at(-1)).toMatchObject({ unchanged: 2 });
  });
});

test("the question of `onboard` says how many terminals are new, unchanged and half onboarded, where, and how long it takes", async () => {
  const desk = await deskOf("counted", 20, "counted");
  expect((await desk.onboard()).code).toBe(0);
  await operator.flowKeys.delete("counted", "counted-3");
  writeFileSync(
    desk.batch,
    ["terminal;site;customer"]
      .concat(
        Array.from(
          { length: 70 },
          (_, n) => `counted-${n};Site ${n % 2 === 0 || n < 20 ? n % 2 : n};counted`,
        ),
      )
      .join("\n"),
  );
  const batch = await checkBatch(desk.batch, { onProblem: ({ reason }) => expect.unreachable(reason) });
  // A throttle of ten registry operations a minute.
  const slow = { ...operator, registryOperationsPerMinute: 10 };
  const question = await describeOnboarding(batch as Batch, new BundleFolder(desk.out), slow, "never");
  expect(question).toEqual([
    "  50 new, 1 to continue, 19 unchanged",
    "  Sites: Site 0, Site 1, Site 21, Site 23, Site 25 and 22 more",
    "  Time: about 4 min",
    `Onboard 70 terminals at 27 sites for customer counted in dev (${fleet.outputs.hubHostName})?`,
  ]);
});
