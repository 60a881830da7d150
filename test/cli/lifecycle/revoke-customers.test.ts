import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";
import { addRows, idsOf, makeTerminals } from "../fleet-by-hand.ts";
import { deployFleet } from "../fleet-harness.ts";
import { Desk, type DeskFleet, fleetWithDesk } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";
import { hasTerminals, runOnTerminal } from "../terminal-ui/run-on-terminal.ts";

let setup: DeskFleet;
let fleet: DeskFleet["fleet"];
let operator: DeskFleet["operator"];
let desk: DeskFleet["desk"];

beforeAll(async () => {
  setup = await fleetWithDesk("");
  ({ fleet, operator, desk } = setup);
  for (const number of ["one", "two", "three"]) {
    const customer = `kommune-${number}`;
    await makeTerminals(operator, idsOf(`${number}-hall`, 2), { customer, site: "Town Hall" });
    await makeTerminals(operator, idsOf(`${number}-annex`, 1), { customer, site: `Annex ${number}` });
  }
});
afterAll(() => setup?.close());

const command = (...args: string[]) => ["revoke", ...args, "--outputs", desk.outputs, "--reason", "closed"];
const revoke = (args: string[]) => desk.runInProcess([...command(...args), "--yes"]);
const statusOf = async (id: string) => (await operator.registry.get(id))?.status;

describe("a site name of several customers", () => {
  test("is rejected with the number of terminals per customer, and nothing is changed", async () => {
    const { code, stderr } = await revoke(["--site", "Town Hall"]);
    expect(code).toBe(2);
    expect(stderr).toContain('3 customers have a site "Town Hall":');
    for (const number of ["one", "two", "three"]) expect(stderr).toContain(`kommune-${number}: 2 terminals`);
    expect(stderr).toContain("--all-customers");
    expect(await statusOf("one-hall-0")).toBe("enabled");
  });

  test("is accepted with --customer", async () => {
    const result = await revoke(["--site", "Town Hall", "--customer", "Kommune-One", "--json"]);
    expect(result.code, result.stdout).toBe(0);
    expect(jsonLines(result).at(-1)).toMatchObject({ type: "revoked", terminals: 2, closed: 2 });
    expect(await statusOf("two-hall-0")).toBe("enabled");
  });

  test("is accepted with --all-customers, and the audit record names the customers", async () => {
    const result = await revoke(["--site", "Town Hall", "--all-customers", "--json"]);
    expect(result.code, result.stdout).toBe(0);
    expect(jsonLines(result).at(-1)).toMatchObject({ terminals: 6, closed: 6 });
    const shown = await desk.runInProcess([
      "audit",
      "show",
      "--customer",
      "kommune-three",
      "--outputs",
      desk.outputs,
    ]);
    expect(shown.stdout).toMatch(/revoke {5}kommune-one, kommune-three, kommune-two .*done .*site Town Hall/);
  });

  test.each([
    ["--all-customers"],
    ["--all-customers", "--customer", "kommune-one"],
    ["one-annex-0", "--all-customers"],
  ])("--all-customers goes with a site alone: %j %j %j", async (...args) => {
    expect((await revoke(args.filter((one) => one !== undefined))).code).toBe(2);
  });
});

describe.skipIf(!hasTerminals)("the prompt", () => {
  const asked = async (...args: string[]) => {
    const { code, shown } = await runOnTerminal(command(...args), {
      env: fleet.env,
      answers: [["[y/N]", "n\r"]],
    });
    expect(code, shown).toBe(130);
    return shown;
  };

  test("names customers and sites with counts", async () => {
    const shown = await asked("--customer", "kommune-two");
    expect(shown).toContain("  kommune-two  Annex two  1\n  kommune-two  Town Hall  2\n");
    expect(shown).toContain("Revoke 3 terminals of kommune-two in dev? They stop working at once.");
    const all = await asked("--site", "Town Hall", "--all-customers");
    expect(all).toContain("Revoke 6 terminals of 3 customers in dev?");
  });

  test("names a single terminal's customer and site", async () => {
    const shown = await asked("three-annex-0");
    expect(shown).toContain("Revoke three-annex-0 (kommune-three, Annex three) in dev?");
  });
});

test("a terminal that is another customer's than was named stays as it is", async () => {
  const { code, stderr } = await revoke(["three-annex-0", "--customer", "kommune-one"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("three-annex-0 is a terminal of kommune-three, not of kommune-one"),
  ]);
  expect(await statusOf("three-annex-0")).toBe("enabled");
});

test("revoke --customer reports a Flow key row for another customer's terminal, and does not revoke that terminal", async () => {
  await addRows(operator, ["three-annex-0"], { customer: "kommune-one", site: "Annex one" });
  const result = await revoke(["--customer", "kommune-one", "--json"]);
  expect(result.code).toBe(1);
  expect(jsonLines(result).at(-1)?.message).toContain(
    "three-annex-0 belongs to kommune-three by the IoT Hub's tag",
  );
  expect(await statusOf("one-annex-0")).toBe("disabled");
  expect(await statusOf("three-annex-0")).toBe("enabled");
});

test("revoke shows an unknown terminal as unknown for each access path, not as closed", async () => {
  const { code, stdout } = await revoke(["nobody-1"]);
  expect(code).toBe(1);
  expect(stdout.match(/^(hub|files|flow) +unknown /gm)).toHaveLength(3);
  expect(stdout).not.toMatch(/^(hub|files|flow) +closed/m);
});

describe("many terminals, paced to the throttle of the tier", () => {
  const many = 180;
  const perMinute = 100;

  test("Ctrl-C ends revoke with the number of terminals that are closed, interrupted and not started", async () => {
    await using throttled = await deployFleet({ tier: "S1", throttling: true });
    await using home = await temporaryFolder();
    const own = await Desk.at(throttled, home.path, "");
    const place = { customer: "big-customer", site: "Hall" };
    const ids = idsOf("big", many);
    for (let start = 0; start < many; start += perMinute) {
      await makeTerminals(await throttled.connect(), ids.slice(start, start + perMinute), place);
      throttled.clock.move(61_000);
    }
    const looking = await throttled.connect();
    const disabled = async () => {
      const found = await Promise.all(ids.map((id) => looking.twins.get(id)));
      return found.filter((twin) => twin?.status === "disabled").length;
    };
    const args = ["revoke", "--customer", "big-customer", "--reason", "closed", "--outputs", own.outputs];
    if (hasTerminals) {
      const asked = await runOnTerminal(args, { env: throttled.env, answers: [["[y/N]", "n\r"]] });
      expect(asked.shown).toContain("This takes about 48 s, at the throttle of S1 with 1 unit.");
    }
    const soon = waitFor(
      "the first minute's terminals to be disabled",
      async () => (await disabled()) >= perMinute,
      {
        withinMs: 120_000,
        everyMs: 50,
      },
    );
    const { code, stdout, stderr } = await own.run([...args, "--yes"], { interruptWhen: soon });
    expect(code, stderr).toBe(130);
    const [, closed = 0, cutShort = 0, notTried = 0] =
      /^(\d+) of 180 terminals revoked, (\d+) interrupted(?:, (\d+) not tried)?, in/m
        .exec(stdout)
        ?.map((number) => Number(number ?? 0)) ?? [];
    expect(closed + cutShort + notTried, stdout).toBe(many);
    // The device identity of an interrupted terminal may be disabled already.
    const reached = await disabled();
    expect(reached).toBeGreaterThanOrEqual(closed);
    expect(reached).toBeLessThanOrEqual(closed + cutShort);
    expect(stdout).not.toMatch(/closed|OPEN/);
    expect(stderr).toContain("0 of 180 terminals, about 48 s left");
    expect(stderr).toContain(`interrupted: ${many - closed} of ${many} terminals not revoked`);
    const shown = await own.runInProcess(["audit", "show", "--outputs", own.outputs, "--json"]);
    expect(jsonLines(shown).at(-1)).toMatchObject({
      result: { outcome: "interrupted", details: { closed, left: many - closed } },
    });
  });
});
