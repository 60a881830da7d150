import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { addRows } from "../fleet-by-hand.ts";
import { auditRole, type OperatorRole } from "../fleet-harness.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines, runInProcess } from "../run-cli.ts";

/* An operator looks up terminals, customers, sites, and the own sign-in. */

let setup: Awaited<ReturnType<typeof onboardedFleet>>;

beforeAll(async () => {
  setup = await onboardedFleet("hall", 3);
  const { operator } = setup;
  const tags = { customer: "other-customer", site: "Rådhus", name: "=cmd|' /C calc'!A0" };
  await operator.registry.create([
    {
      id: "gym-1",
      keys: mintDeviceKeys(),
      tags,
    },
  ]);
  await addRows(operator, ["gym-1"], { customer: "other-customer", site: "Rådhus" });
  await operator.files.ensureContainer("gym-1");
});
afterAll(() => setup?.close());

/** The cells of a line of CSV in which every cell is in quotes. */
const cellsOf = (line: string, delimiter: string) =>
  line === "" ? [] : line.slice(1, -1).replaceAll('""', '"').split(`"${delimiter}"`);

const run = (...args: string[]) => setup.desk.runInProcess([...args, "--outputs", setup.desk.outputs]);

describe("show", () => {
  test("shows state, keys, files, alerts and the last changes of one terminal, and no file link", async () => {
    const { folder } = setup;
    writeFileSync(folder.file("employees.csv"), "1001\n");
    expect((await run("send", "hall-0", folder.file("employees.csv"))).code).toBe(0);
    const { code, stdout, stderr } = await run("show", "hall-0");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^hall-0\n/);
    expect(stdout).toMatch(/ {2}customer +example-customer\n {2}site +Site 0\n {2}state +never seen\n/);
    expect(stdout).toMatch(
      / {2}last seen +never\n {2}device keys +\d+ (s|min) old, from .*\n {2}Flow key +\d+ (s|min) old/,
    );
    expect(stdout).toMatch(/\nalerts\n {2}none\n/);
    expect(stdout).toMatch(/\nfiles\n {2}\w{20} {2}to terminal +waiting +employees\.csv \(5 B\)/);
    expect(stdout).toMatch(/\nlast changes\n.* onboard .*\n.* send .*file employees\.csv/);
    expect(stdout).not.toContain("sig=");
  });

  test("with --json writes one object with the members of status, keys, offers, alerts and changes", async () => {
    await run("revoke", "hall-2", "--reason", "stolen", "--yes");
    const [shown, ...more] = jsonLines(await run("show", "hall-2", "--json"));
    expect(more).toEqual([]);
    expect(shown).toMatchObject({
      type: "terminal",
      terminal: "hall-2",
      state: "revoked",
      reason: "stolen",
      keys: { flowKeys: [{ customer: "example-customer", active: false }] },
      offers: [],
      alerts: [],
      changes: [{ command: "onboard" }, { command: "revoke", outcome: "done", reason: "stolen" }],
    });
    expect(jsonLines(await run("status", "hall-2", "--json"))).toEqual([shown]);
  });

  test("names an alert with its remedy", async () => {
    await setup.operator.flowKeys.revoke("other-customer", "gym-1");
    const { stdout } = await run("show", "gym-1");
    expect(stdout).toContain("  ! It is revoked at the Flow API but not at the IoT Hub: revoke it again.");
  });

  test("shows what it can read when the audit log cannot be read", async () => {
    const restore = setup.fleet.withdraw(auditRole);
    try {
      const { code, stdout, stderr } = await run("show", "hall-1");
      expect(code, stderr).toBe(0);
      expect(stdout).toContain("site         Site 1");
      expect(stdout).not.toContain("last changes");
      expect(stderr).toContain("Warning: The changes of hall-1 could not be read");
    } finally {
      restore();
    }
  });

  test("excludes the options of status when status is called with a terminal", async () => {
    expect((await run("status", "hall-0", "--site", "Site 0")).code).toBe(2);
  });
});

describe("a name that does not exist is an error with the nearest names", () => {
  const cases: [string[], RegExp][] = [
    [["show", "hal-0"], /no terminal hal-0; did you mean hall-0, hall-1 or hall-2\?/],
    [["status", "hall-00"], /no terminal hall-00; did you mean hall-0, hall-1 or hall-2\?/],
    [["files", "hallo-1"], /hallo-1 is not onboarded: the IoT Hub has no such device; did you mean hall-/],
    [["request", "hallo-1", "a.log"], /hallo-1 is not onboarded.*; did you mean hall-1/],
    [["retire", "hal-1", "--yes"], /the IoT Hub has no terminal hal-1; did you mean hall-1/],
    [["rotate", "hal-1", "--yes"], /the IoT Hub has no terminal hal-1; did you mean hall-1/],
    [["revoke", "hal-1", "--reason", "x", "--yes"], /no service has a terminal hal-1; did you mean hall-1/],
    [
      ["list", "--customer", "exampel-customer"],
      /no customer exampel-customer; did you mean example-customer\?/,
    ],
    [
      ["status", "--customer", "exampel-customer"],
      /no customer exampel-customer; did you mean example-customer\?/,
    ],
    [
      ["rotate", "--customer", "exampel-customer", "--yes"],
      /no customer exampel-customer; did you mean example-customer\?/,
    ],
    [
      ["revoke", "--customer", "exampel-customer", "--reason", "x", "--yes"],
      /no customer exampel-customer; did you mean example-customer\?/,
    ],
    [
      ["status", "--site", "Sitte 1"],
      /no site "Sitte 1"; did you mean "Site 0" or "Site 1"\?|"Site 1" or "Site 0"/,
    ],
    [["list", "--site", "Radhus"], /no site "Radhus"; did you mean "Rådhus"\?/],
    [
      ["list", "--customer", "other-customer", "--site", "Site 1"],
      /no site "Site 1" of customer other-customer; it is a site of example-customer/,
    ],
    [["list", "--customer", "zzz"], /no customer zzz; the nearest names are /],
    [
      ["audit", "show", "--customer", "exampel-customer"],
      /no customer exampel-customer.*; did you mean example-customer\?/,
    ],
    [["audit", "show", "--terminal", "hal-0"], /no terminal hal-0 in the audit log; did you mean .*hall-0/],
  ];
  test.each(cases)("%j", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(code, stdout + stderr).toBe(1);
  });

  test("a filter of states that matches nothing is no error", async () => {
    const { code, stderr } = await run("list", "--customer", "example-customer", "--state", "connected");
    expect(code).toBe(0);
    expect(stderr).toContain("No terminal matches.");
    const since = await run("audit", "show", "--terminal", "hall-1", "--since", "2999-01-01");
    expect(since.code, since.stderr).toBe(0);
    expect(since.stderr).toContain("No recorded change matches.");
  });
});

describe("list", () => {
  test("writes a table, filtered by customer, site and state", async () => {
    const { code, stdout, stderr } = await run("list", "--customer", "example-customer", "--site", "Site 0");
    expect(code, stderr).toBe(0);
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ["TERMINAL", "NAME", "CUSTOMER", "SITE"],
      ["hall-0", "-", "example-customer", "Site 0"],
      ["hall-2", "-", "example-customer", "Site 0"],
      [""],
    ]);
    const revoked = jsonLines(await run("list", "--state", "revoked", "--output", "json"));
    expect(revoked).toMatchObject([{ type: "terminal", terminal: "hall-2", state: "revoked" }]);
    expect(jsonLines(await run("list", "--state", "revoked", "--json"))).toEqual(revoked);
  });

  test("writes CSV that Excel opens: byte order mark, CRLF, quoted cells, and no formula", async () => {
    for (const [delimiter, name] of [
      [",", "comma"],
      [";", "semicolon"],
    ] as const) {
      const { code, stdout } = await run("list", "--output", "csv", "--delimiter", name);
      expect(code).toBe(0);
      expect(stdout.startsWith("\ufeff")).toBe(true);
      expect(stdout.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      const rows = stdout
        .slice(1)
        .split("\r\n")
        .map((line) => cellsOf(line, delimiter));
      expect(rows[0]?.slice(0, 5)).toEqual(["terminal", "site", "customer", "name", "state"]);
      expect(rows.slice(1).map(([terminal]) => terminal)).toEqual([
        "gym-1",
        "hall-0",
        "hall-1",
        "hall-2",
        undefined,
      ]);
      expect(rows[1]?.slice(1, 4)).toEqual(["Rådhus", "other-customer", "'=cmd|' /C calc'!A0"]);
    }
  });

  test("--json excludes --output csv", async () => {
    expect((await run("list", "--json", "--output", "csv")).code).toBe(2);
  });
});

describe("whoami", () => {
  test("names the account, the stack and all roles as present", async () => {
    const { code, stdout, stderr } = await run("whoami");
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(setup.fleet.operator);
    expect(stdout).toContain(setup.fleet.outputs.hubHostName);
    expect(stdout.match(/^ {2}present /gm)).toHaveLength(9);
  });

  const roles: [OperatorRole, string, number][] = [
    ["Reader", "Reader", 1],
    ["IoT Hub Registry Contributor", "IoT Hub Registry Contributor", 1],
    ["IoT Hub Twin Contributor", "IoT Hub Twin Contributor", 1],
    ["Storage Account Key Operator Service Role", "Storage Account Key Operator Service Role", 2],
    ["Storage Table Data Contributor", "Storage Table Data Contributor", 1],
    [auditRole, "audit log (role-audit-recorder)", 1],
    ["role-terminal-importer", "import jobs of the IoT Hub (role-terminal-importer)", 1],
    ["role-flow-keys-operator", "customers' subscriptions (role-flow-keys-operator)", 1],
  ];
  test.each(roles)("names the missing role %s, and ends with exit code 3", async (role, name, number) => {
    const restore = setup.fleet.withdraw(role);
    try {
      const result = await run("whoami", "--json");
      expect(result.code, result.stdout).toBe(3);
      const [who, error] = jsonLines(result) as [
        { roles: { role: string; state: string }[] },
        { remedy: string },
      ];
      const missing = who.roles.filter(({ state }) => state === "missing").map((one) => one.role);
      expect(missing).toEqual(Array(number).fill(name));
      expect(error.remedy).toContain("az ad group member add");
    } finally {
      restore();
    }
  });
});

describe("keygen", () => {
  test("creates a key that only its owner can read, and prints its recipient alone", async () => {
    const file = setup.folder.file("installer.txt");
    const { code, stdout, stderr } = await runInProcess(["keygen", file]);
    expect(code, stderr).toBe(0);
    const content = readFileSync(file, "utf8");
    const identity = /^AGE-SECRET-KEY-1[A-Z0-9]+$/m.exec(content)?.[0] as string;
    expect(stdout).toBe(`${await identityToRecipient(identity)}\n`);
    expect(content).toContain(`# public key: ${stdout.trim()}\n`);
    expect(stdout + stderr).not.toContain(identity);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);

    const again = await runInProcess(["keygen", file]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("exists already, and was not changed");
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  test.skipIf(process.platform === "win32")("does not write through a link", async () => {
    const link = setup.folder.file("link.txt");
    symlinkSync(setup.folder.file("target.txt"), link);
    expect((await runInProcess(["keygen", link])).code).toBe(2);
    expect(() => statSync(setup.folder.file("target.txt"))).toThrow("ENOENT");
  });

  test("creates a key whose recipient seals bundles that --identity opens", async () => {
    const file = setup.folder.file("second.txt");
    const recipient = (await runInProcess(["keygen", file, "--json"])).stdout;
    const { recipient: key } = JSON.parse(recipient) as { recipient: string };
    const out = setup.folder.file("again");
    const reinstated = await run("reinstate", "hall-2", "--out", out, "--recipient", key, "--yes");
    expect(reinstated.code, reinstated.stderr).toBe(0);
    const opened = await runInProcess(["open", `${out}/hall-2.age`, "--identity", file, "--json"]);
    expect(jsonLines(opened)).toMatchObject([{ terminalId: "hall-2" }]);
  });
});

describe("a computer whose clock is ahead of the services'", () => {
  const send = (skewMs: number) =>
    setup.desk.run(["send", "hall-1", setup.folder.file("employees.csv"), "--outputs", setup.desk.outputs], {
      env: { ...setup.fleet.env, FAULT_CLOCK_SKEW_MS: String(skewMs) },
      nodeArgs: ["--import", join(import.meta.dirname, "../../faults/skewed-clock.ts")],
    });

  test("offers no file whose link is not valid yet, and names the difference", async () => {
    const { code, stderr } = await send(30 * 60_000);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("this computer's clock is 30 minutes ahead of Azure Storage's"),
    ]);
    expect(await setup.operator.offers.list("hall-1")).toEqual([]);
  });

  test("offers files when the difference is within the 15 minutes by which links begin earlier", async () => {
    const { code, stderr } = await send(10 * 60_000);
    expect(code, stderr).toBe(0);
    expect(await setup.operator.offers.list("hall-1")).toHaveLength(1);
  });
});

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync("cli/package.json", "utf8")) as { version: string };
  expect(await runInProcess(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});
