import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";
import { deployFleet } from "../fleet-harness.ts";
import { Desk } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";
import { connectCrowd } from "./connected-crowd.ts";

const others = 1_000;

test("revoke verifies all three access paths of one terminal while 1,000 others stay connected", async () => {
  await using fleet = await deployFleet();
  await using folder = await temporaryFolder();
  const operator = await fleet.connect();
  await using crowd = await connectCrowd(operator, "crowd", others + 1, "example-customer");
  expect(fleet.hub.connected()).toBe(others + 1);

  const desk = await Desk.at(fleet, folder.path, "");
  const args = ["revoke", "crowd-500", "--outputs", desk.outputs, "--reason", "stolen", "--json", "--yes"];
  const result = await desk.runInProcess(args);
  expect(result.code, result.stdout).toBe(0);
  const lines = jsonLines(result);
  for (const door of ["hub", "files", "flow"]) {
    const told = lines.find((line) => line.door === door);
    expect(told).toMatchObject({ closed: true, seconds: expect.any(Number) });
  }
  expect(lines.at(-1)).toMatchObject({ type: "revoked", closed: 1, seconds: expect.any(Number) });
  await waitFor("crowd-500 to be disconnected", () => crowd.lost.has("crowd-500"));
  expect([...crowd.lost]).toEqual(["crowd-500"]);
  expect(fleet.hub.connected()).toBe(others);
  expect(await operator.files.acceptsLinks("crowd-499")).toBe(true);
  expect(await operator.flowKeys.get("example-customer", "crowd-499")).toMatchObject({ status: "active" });
});
