import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealer } from "../../../cli/credentials/seal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleHandover } from "../examples.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { batchOf, Desk } from "../onboarding/onboarding-desk.ts";
import { hasTerminals, runOnTerminal } from "./run-on-terminal.ts";

const passphrase = "correct horse battery";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sealed: string;
let fleet: DeployedFleet;
let desk: Desk;

beforeAll(async () => {
  folder = await temporaryFolder();
  sealed = folder.file("example-001.age");
  writeFileSync(sealed, await sealer({ passphrase })(exampleHandover()));
  fleet = await deployFleet();
  desk = await Desk.at(fleet, folder.path, batchOf("asked", 2));
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe.skipIf(!hasTerminals)("on a terminal", () => {
  test.each([
    ["", "on the terminal"],
    ["2>/dev/null", "redirected"],
  ])(
    "open does not show the typed passphrase, and ends by itself (%s, standard error %s)",
    async (redirect) => {
      const { code, shown } = await runOnTerminal(["open", sealed], {
        redirect,
        answers: [["Passphrase:", `${passphrase}\r`]],
      });
      expect(code, shown).toBe(0);
      expect(shown).toContain('"terminalId": "example-001"');
      expect(shown).not.toContain(passphrase);
    },
  );

  test("onboard --passphrase asks for the new passphrase twice, and fails if the two differ", async () => {
    const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", desk.out, "--passphrase"];
    const { code, shown } = await runOnTerminal(args, {
      env: fleet.env,
      answers: [
        ["Passphrase:", `${passphrase}\r`],
        ["Again:", "correct horse bakery\r"],
      ],
    });
    expect(shown).toContain("the two passphrases differ");
    expect([code, existsSync(desk.out)]).toEqual([2, false]);
  });

  test.each([
    ["en", "1\r", "Town hall", "These names of sites can be one site:", "at 2 sites"],
    ["en", "d\r", "TownHall", "different sites: keep all names", "at 3 sites"],
    ["no", "1\r", "Town hall", "Disse lokasjonsnavnene kan være én lokasjon:", "på 2 lokasjoner"],
  ])(
    "onboard (%s) asks whether two spellings are one site, and %j writes %s",
    async (lang, answer, site, question, sites) => {
      await using own = await temporaryFolder();
      const rows = [
        "terminal;site;customer",
        "same-1;Town hall;c1",
        "same-2;TownHall;",
        "same-3;Town hall;",
        "same-4;Annex;",
      ];
      const asking = await Desk.at(fleet, own.path, rows.join("\n"));
      const args = [
        "onboard",
        asking.batch,
        "--outputs",
        asking.outputs,
        "--out",
        asking.out,
        "--recipient",
        asking.recipient,
      ];
      const { code, shown } = await runOnTerminal([...args, "--dry-run"], {
        env: { ...fleet.env, TERMINALS_LANG: lang },
        answers: [["[1/2/", answer]],
      });
      expect(code, shown).toBe(0);
      expect(shown).toContain(question);
      expect(shown).toMatch(
        /"Town hall" \(2 terminal(s|er), lin(e|je) 2\)\n {2}"TownHall" \(1 terminal, lin(e|je) 3\)/,
      );
      expect(shown.includes("is written as") || shown.includes("skrives som")).toBe(site === "Town hall");
      expect(shown).toContain(sites.replace(/^(at|på) /, ""));
      expect(existsSync(asking.out)).toBe(false);
    },
  );

  test.each([
    ["n\r", "no", "not confirmed; nothing was changed"],
    ["jo\r", "no clear yes", 'not confirmed: "jo" is not y or yes; nothing was changed'],
    ["\r", "an empty line", "not confirmed; nothing was changed"],
    ["\u0003", "Ctrl-C", "nothing was changed"],
    ["\u0004", "Ctrl-D", "nothing was changed"],
  ])(
    "onboard asks on the terminal although standard error is redirected, and %j (%s) changes nothing",
    async (answer, _name, message) => {
      const errors = folder.file("errors.txt");
      const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", desk.out];
      const { code, shown } = await runOnTerminal([...args, "--recipient", desk.recipient], {
        env: fleet.env,
        redirect: `2>${errors}`,
        answers: [[`(${fleet.outputs.hubHostName})? [y/N]`, answer]],
      });
      expect(code, shown).toBe(130);
      expect(shown).toContain(
        [
          "  2 new, 0 unchanged",
          "  Sites: Site 0, Site 1",
          "  Time: under a minute",
          "  The customer is new: it gets a subscription key.",
          `Onboard 2 terminals at 2 sites for customer example-customer in dev (${fleet.outputs.hubHostName})? [y/N]`,
        ].join("\n"),
      );
      expect(readFileSync(errors, "utf8")).toContain(message);
      expect(existsSync(desk.out)).toBe(false);
      expect(await (await fleet.connect()).registry.get("asked-0")).toBeUndefined();
    },
  );

  test.each([
    [{ TERM: "xterm" }, true],
    [{ TERM: "xterm", NO_COLOR: "1" }, false],
    [{ TERM: "dumb" }, false],
  ])("doctor with %j writes verdicts in colour: %j", async (variables, isColored) => {
    const { shown } = await runOnTerminal(["doctor", "--outputs", desk.outputs], {
      env: { ...fleet.env, ...variables },
    });
    expect(shown).toContain(`  ${fleet.outputs.hubHostName} (TCP 443)`);
    expect(shown.includes("\u001b[")).toBe(isColored);
    expect(shown).not.toContain("\\u{1b}");
  });

  test("onboard continues after a Norwegian yes", async () => {
    const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", join(folder.path, "yes")];
    const { code, shown } = await runOnTerminal([...args, "--recipient", desk.recipient], {
      env: fleet.env,
      answers: [["? [y/N]", "ja\r"]],
    });
    expect(code, shown).toBe(0);
    expect(shown).toMatch(/onboarded now +2/);
  });
});

test("onboard without --yes fails when standard input is not a terminal", async () => {
  const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", folder.file("unasked")];
  const { code, stderr } = await desk.runInProcess([...args, "--recipient", desk.recipient]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--yes")]);
  expect(existsSync(folder.file("unasked"))).toBe(false);
});

test("open reads a passphrase from a pipe without waiting for the end of the pipe", async () => {
  const cli = join(import.meta.dirname, "../../../cli/main.ts");
  const child = spawn(process.execPath, [cli, "open", sealed], { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.write(`${passphrase}\n`);
  expect(await once(child, "exit")).toEqual([0, null]);
});

test.each([
  ["takes the first line of the file as the passphrase", `${passphrase}\nanother line\n`, 0, ""],
  [
    "fails when the file is empty",
    "",
    2,
    "Error: no passphrase on standard input\n  Write it as the first line of standard input, or run the command on a terminal.\n",
  ],
])("open with a file as standard input %s", async (_what, content, code, message) => {
  writeFileSync(folder.file("passphrase.txt"), content);
  const input = openSync(folder.file("passphrase.txt"), "r");
  const cli = join(import.meta.dirname, "../../../cli/main.ts");
  const child = spawn(process.execPath, [cli, "open", sealed], { stdio: [input, "ignore", "pipe"] });
  closeSync(input);
  let stderr = "";
  child.stderr?.on("data", (data) => {
    stderr += data;
  });
  expect(await once(child, "close")).toEqual([code, null]);
  expect(stderr).toBe(message);
});
