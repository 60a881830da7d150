import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selectTerminals } from "../../../cli/lifecycle/select-terminals.ts";
import { addRows, idsOf, makeTerminals } from "../fleet-by-hand.ts";
import { type DeskFleet, fleetWithDesk } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const spaced = "Town hall";
const unbroken = "Town\u00a0hall";

let setup: DeskFleet;
let operator: DeskFleet["operator"];
let folder: DeskFleet["folder"];
let desk: DeskFleet["desk"];

beforeAll(async () => {
  setup = await fleetWithDesk("");
  ({ operator, folder, desk } = setup);
  // A fleet of a thousand, on which two sites differ by a no-break space.
  const kommune = { customer: "kommune" };
  const bulk = 100;
  for (let start = 0; start < 960; start += bulk) {
    const ids = idsOf(`other-${start}`, Math.min(bulk, 960 - start));
    await makeTerminals(operator, ids, { ...kommune, site: `Site ${start}` });
  }
  await makeTerminals(operator, idsOf("spaced", 20), { ...kommune, site: spaced });
  await makeTerminals(operator, idsOf("unbroken", 16), { ...kommune, site: unbroken });
  // One terminal has only its Flow key row, one a zero-width space, one the other Unicode form of white space.
  await addRows(operator, ["unbroken-row"], { ...kommune, site: unbroken });
  await makeTerminals(operator, ["unbroken-zero"], { ...kommune, site: "Town \u200bhall" });
  await makeTerminals(operator, ["unbroken-wide"], { ...kommune, site: " Town\u2003\u3000hall" });
  await makeTerminals(operator, ["looks-alike"], { customer: "bydel", site: "Annex A" });
  await makeTerminals(operator, ["looks-cyrillic"], { customer: "bydel", site: "\u0410nnex A" });
});
afterAll(() => setup?.close());

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);
const revoke = (...args: string[]) => run("revoke", "--reason", "closed", "--yes", ...args);
const statusOf = async (id: string) => (await operator.registry.get(id))?.status;

describe("two sites whose names differ only by a no-break space", () => {
  test("are reported by status as a table, as JSON and on the page", async () => {
    const table = await run("status", "--customer", "kommune", "--site", spaced);
    expect(table.stdout).toMatch(
      /similar sites {3}kommune: .*"Town hall" \(20 terminals\) .* and "Town\\u00a0hall" \(17 terminals\) look alike; they count as one site/,
    );
    const json = jsonLines(await run("status", "--json"));
    const spellings = [
      { site: " Town\u2003\u3000hall", terminals: 1 },
      { site: spaced, terminals: 20 },
      { site: "Town \u200bhall", terminals: 1 },
      { site: unbroken, terminals: 17 },
    ];
    expect(json.filter(({ type }) => type === "similar-sites")).toEqual([
      {
        type: "similar-sites",
        customer: "bydel",
        same: false,
        sites: [
          { site: "Annex A", terminals: 1 },
          { site: "\u0410nnex A", terminals: 1 },
        ],
      },
      { type: "similar-sites", customer: "kommune", same: true, sites: spellings },
    ]);
    expect(json.at(-1)).toMatchObject({ type: "summary", similarSites: 2 });
    const page = folder.file("page.html");
    await run("status", "--html", page);
    const html = readFileSync(page, "utf8");
    expect(html).toContain("Sites with similar names <small>2</small>");
    expect(html).toContain("&#34;Town\\u00a0hall&#34; (17 terminals)");
    // The two are one card, of all their terminals.
    expect(html.match(/<h3>\s*Town[^<]*hall /g)).toHaveLength(1);
  });

  test.each([spaced, unbroken, " Town \u202f hall\t"])(
    "are both selected by status --site %j",
    async (site) => {
      const lines = jsonLines(await run("status", "--site", site, "--json"));
      expect(lines.at(-1)).toMatchObject({ type: "summary", terminals: 39, similarSites: 1 });
    },
  );

  test("are selected among the terminals of all customers within seconds", async () => {
    const { terminals } = await selectTerminals(operator, { site: spaced });
    expect(terminals.size).toBe(39);
  });

  test("are both revoked by revoke --site, which names both spellings, as its audit record does", async () => {
    const result = await revoke("--site", spaced, "--json");
    expect(result.code, result.stdout).toBe(0);
    const lines = jsonLines(result);
    const { message } = lines.find(({ type }) => type === "warning") as { message: string };
    expect(message).toContain('the name "Town hall" has 4 spellings that look the same; all are selected:');
    expect(message).toContain('"Town hall" of kommune: 20 terminals');
    expect(message).toContain('"Town\\u00a0hall" of kommune: 17 terminals');
    expect(message).toContain('"Town \\u200bhall" of kommune: 1 terminal');
    expect(lines.at(-1)).toMatchObject({ type: "revoked", terminals: 39, closed: 39, open: 0 });
    for (const id of ["spaced-0", "unbroken-0", "unbroken-zero", "unbroken-wide"]) {
      expect(await statusOf(id)).toBe("disabled");
    }
    expect((await operator.flowKeys.get("kommune", "unbroken-row"))?.status).toBe("revoked");
    expect(await statusOf("other-0-0")).toBe("enabled");
  });
});

test("a terminal whose customer tag was set by hand in upper case is revoked with its customer", async () => {
  await makeTerminals(operator, ["by-hand"], { customer: "Etat\u00a0", site: "A" });
  await addRows(operator, ["by-hand"], { customer: "etat", site: "A" });
  const result = await revoke("--customer", "etat", "--json");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result).at(-1)).toMatchObject({ type: "revoked", terminals: 1, closed: 1 });
  expect(await statusOf("by-hand")).toBe("disabled");
});

describe("two sites whose names only look alike", () => {
  test("are both named by revoke --site, which changes nothing", async () => {
    const { code, stderr } = await revoke("--site", "Annex A", "--customer", "bydel");
    expect(code).toBe(2);
    expect(stderr).toContain(
      'the name "Annex A" can be taken for the name of another site; nothing was changed',
    );
    expect(stderr).toContain('"Annex A" of bydel: 1 terminal');
    expect(stderr).toContain('"\\u0410nnex A" of bydel: 1 terminal');
    expect(stderr).toContain("--exact");
    expect(await statusOf("looks-alike")).toBe("enabled");
  });

  test("are named when the typed name is neither of them", async () => {
    const { code, stderr } = await revoke("--site", "ANNEX A", "--customer", "bydel");
    expect(code).toBe(1);
    expect(stderr).toContain('at site "ANNEX A"; names that look like it:');
    expect(stderr).toContain('"\\u0410nnex A" of bydel: 1 terminal');
  });

  test("are told apart by revoke --exact", async () => {
    const { code, stdout } = await revoke("--site", "Annex A", "--customer", "bydel", "--exact");
    expect(code, stdout).toBe(0);
    expect(await statusOf("looks-alike")).toBe("disabled");
    expect(await statusOf("looks-cyrillic")).toBe("enabled");
  });
});

describe("a batch file", () => {
  test("with sites whose names look alike is refused, and each name is named", async () => {
    const rows = ["near-1;Hall A;klinikk", "near-2;HALL A;klinikk", "near-3;Hall\u00a0A;klinikk", ""];
    writeFileSync(desk.batch, ["terminal;site;customer", ...rows].join("\n"));
    const lines = jsonLines(await desk.onboard(["--json", "--dry-run"]));
    expect(lines.filter(({ type }) => type === "problem").map(({ reason }) => reason)).toEqual([
      '"Hall A" (2 terminals, line 2) and "HALL A" (1 terminal, line 3) can be one site',
    ]);
  });

  test("is onboarded with one spelling, and resumes although the fleet has another", async () => {
    writeFileSync(desk.batch, `terminal;site;customer\nnew-1;Sykehuset\u00a0 i  Bodø;klinikk\n`);
    const first = await desk.onboard();
    expect(first.code, first.stderr).toBe(0);
    expect(await operator.registry.tags("new-1")).toMatchObject({ site: "Sykehuset i Bodø" });
    writeFileSync(desk.batch, "terminal;site;customer\nnew-1;Sykehuset i Bodø;klinikk\n");
    const second = await desk.onboard(["--json"]);
    expect(jsonLines(second).at(-1)).toMatchObject({ unchanged: 1 });
  });

  test("of a terminal whose device identity has another spelling of the site continues", async () => {
    await operator.registry.create([
      {
        id: "half-1",
        keys: {
          primaryKey: Buffer.alloc(32, 1).toString("base64"),
          secondaryKey: Buffer.alloc(32, 2).toString("base64"),
        },
        tags: { customer: "klinikk", site: "Avdeling\u00a0B" },
      },
    ]);
    writeFileSync(desk.batch, "terminal;site;customer\nhalf-1;Avdeling B;klinikk\n");
    const result = await desk.onboard();
    expect(result.code, result.stderr).toBe(0);
    expect(await operator.registry.tags("half-1")).toMatchObject({ site: "Avdeling\u00a0B" });
  });
});
