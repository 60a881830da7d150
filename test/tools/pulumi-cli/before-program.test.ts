import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, runBeforeProgram, runNode } from "./run-before-program.ts";

/** Loads the file on a Node that reports this version. */
function loadOn(version: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`;
  const script = `${pretend} require("./tools/pulumi-cli/before-program.cjs"); console.log("ran");`;
  return runNode(["--eval", script]);
}

test.each(["16.20.2", "20.11.0", "22.17.1"])(
  "Node %s ends before the program, with one line that names the version needed",
  async (version) => {
    const { code, stdout, stderr } = await loadOn(version);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^terminal-fleet needs Node 22\.18 or newer and this is [\d.]+\. .*`npm run pulumi.*\n$/,
    );
    expect(stderr).toContain(`this is ${version}.`);
  },
);

test.each(["22.18.0", "24.0.0", "25.1.0"])("Node %s runs the program, without a message", async (version) => {
  expect(await loadOn(version)).toEqual({ code: 0, stdout: "ran\n", stderr: "" });
});

test("an error of the program names the line of the TypeScript source", async () => {
  const script = `
    const { prepareStackTrace } = Error;
    require("source-map-support/register");
    import("./settings/settings.ts").then(({ readSettings }) => {
      try {
        readSettings({}, "terminal-fleet", "dev");
      } catch (error) {
        console.log(JSON.stringify({ hooked: Error.prepareStackTrace !== prepareStackTrace, stack: error.stack }));
      }
    });
  `;
  const { stdout } = await runBeforeProgram(script);
  const { hooked, stack } = JSON.parse(stdout) as { hooked: boolean; stack: string };
  const [, line] = /settings\.ts:(\d+):/.exec(stack) ?? [];
  const settings = readFileSync(join(root, "settings", "settings.ts"), "utf8").split("\n");
  expect(hooked).toBe(false);
  expect(settings[Number(line) - 1]).toContain("throw new SettingsError(");
});
