import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../../fleet-harness.ts";
import { Desk } from "../../onboarding/onboarding-desk.ts";
import { expectAccepted, newVault, rotationOf, settle, startTerminal } from "./rotating-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** More than the nine changes of a rotation. The test ends when a run is not killed. */
const maxChanges = 12;

/** Drops the response of the run's `number`th change. `reached` resolves when that change was made. */
function lose(number: number): { reached: Promise<void>; end(): boolean } {
  const { faults } = fleet.proxy;
  const pick = faults.pick.bind(faults);
  let seen = 0;
  let isOver = false;
  const reached = new Promise<void>((resolve) => {
    faults.pick = (host, target) => {
      const isChange = ["PUT", "PATCH", "DELETE"].includes(target.method ?? "");
      const isCounted = host.endsWith(".azure-devices.net") || host.endsWith(".table.core.windows.net");
      if (!isChange || !isCounted || ++seen !== number) return pick(host, target);
      isOver = true;
      // After this time the change was made and not retried yet.
      void sleep(150).then(() => resolve());
      return { drop: "after" };
    };
  });
  return {
    reached,
    end: () => {
      faults.pick = pick;
      return isOver;
    },
  };
}

test("after kill -9 at any change the terminal's keys are valid, and the next run continues", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, "");
  const id = "killed";
  const handover = await settle(operator, id, "example-customer");
  const terminal = await startTerminal(handover, folder.file("home"), {
    network: fleet.network,
    vault: await newVault(),
  });
  const rotate = (more: string[], killWhen?: Promise<void>) => {
    const args = ["rotate", id, "--outputs", desk.outputs, "--grace", "0", "--wait", "60", "--yes", ...more];
    return killWhen ? desk.run(args, { killWhen }) : desk.runInProcess(args);
  };
  try {
    let changes = 1;
    for (; changes <= maxChanges; changes++) {
      const { reached, end } = lose(changes);
      await rotate([], reached);
      const wasKilled = end();
      await expectAccepted(operator, { keys: terminal.keyRing.current });
      if (!wasKilled) break;
      // Gone on with, it comes to its end, whatever was lost.
      const again = await rotate(["--continue"]);
      expect(again.code, `change ${changes}: ${again.stderr}`).toBe(0);
      await expectAccepted(operator, { keys: terminal.keyRing.current });
      expect(await rotationOf(operator, id), `change ${changes}`).toBeUndefined();
    }
    expect(changes).toBeGreaterThan(8);
    expect(terminal.keyRing.current.hub.primaryKey).not.toBe(handover.hub.primaryKey);
    const twin = await operator.twins.get(id);
    expect(twin?.connectionState).toBe("Connected");
  } finally {
    await terminal.stop();
  }
});
