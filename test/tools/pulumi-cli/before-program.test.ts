import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..", "..", "..");

/** Runs what Pulumi loads before the program, on a Node that says it is of this version. */
function startOn(version: string): Promise<{ code: number; told: string; ran: boolean }> {
  const pretend = `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`;
  const script = `${pretend} require("./tools/pulumi-cli/before-program.cjs"); console.log("ran");`;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--eval", script], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), told: stderr, ran: stdout.includes("ran") }),
    );
  });
}

/** Runs a script as Pulumi runs the program: after what it loads before it. */
function runAfter(script: string): Promise<string> {
  const args = ["--require", "./tools/pulumi-cli/before-program.cjs", "--eval", script];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    );
  });
}

test.each(["16.20.2", "20.11.0", "22.17.1"])("Node %s gets one readable line", async (version) => {
  const { code, told, ran } = await startOn(version);
  expect({ code, ran }).toEqual({ code: 1, ran: false });
  expect(told).toMatch(
    /^terminal-fleet needs Node 22\.18 or newer and this is [\d.]+\. .*`npm run pulumi.*\n$/,
  );
  expect(told).toContain(`this is ${version}.`);
});

test.each(["22.18.0", "24.0.0", "25.1.0"])("Node %s runs the program", async (version) => {
  expect(await startOn(version)).toEqual({ code: 0, told: "", ran: true });
});

test("what serialises functions is loaded when it is used, and works then", async () => {
  const script = `
    const { isProxy } = require("node:util").types;
    const pulumi = require("@pulumi/pulumi");
    const waiting = () =>
      ["typescript", "@npmcli/arborist"].map((name) => isProxy(require.cache[require.resolve(name)].exports));
    const before = waiting();
    pulumi.runtime.serializeFunction(() => 42).then(async ({ text }) => {
      const paths = await pulumi.runtime.computeCodePaths({});
      console.log(JSON.stringify({ before, after: waiting(), text: text.includes("42"), paths: paths.size > 0 }));
    });
  `;
  const told = await runAfter(script);
  expect(JSON.parse(told)).toEqual({ before: [true, true], after: [false, false], text: true, paths: true });
});

test("an error names the line of the TypeScript as it is written", async () => {
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
  const { hooked, stack } = JSON.parse(await runAfter(script)) as { hooked: boolean; stack: string };
  const [, line] = /settings\.ts:(\d+):/.exec(stack) ?? [];
  const settings = readFileSync(join(root, "settings", "settings.ts"), "utf8").split("\n");
  expect(hooked).toBe(false);
  expect(settings[Number(line) - 1]).toContain("throw new SettingsError(");
});
