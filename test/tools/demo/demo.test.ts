import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { type Outcome, outcome, startProgram } from "../../support/processes.ts";
import { projectRoot } from "../../support/project-root.ts";
import { waitFor } from "../../support/wait-for.ts";

let folder: TemporaryFolder;
let complete: Outcome;

beforeAll(async () => {
  folder = await temporaryFolder();
  complete = await outcome(startDemo("complete"));
});
afterAll(() => folder?.[Symbol.asyncDispose]());

/** Starts a demo in a folder of its own. */
const startDemo = (name: string) => startProgram("tools/demo/demo.ts", ["--dir", folder.file(name)]);

/** Runs a line at a POSIX shell in the project's folder. */
const runLine = (line: string) =>
  outcome(spawn("sh", ["-c", line], { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] }));

/** Processes that a demo started: its folder is in their arguments or in their environment. */
function processesOf(name: string): string[] {
  const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid);
  return pids.flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
      return [environment, command].some((text) => text.includes(folder.file(name))) ? [command] : [];
    } catch {
      return [];
    }
  });
}

/** Interrupts a demo, which must end its processes and exit with 130. */
async function interrupt(demo: ChildProcess, ended: Promise<Outcome>, name: string): Promise<void> {
  demo.kill("SIGINT");
  const result = await ended;
  expect(result.output).toContain("stopping all processes of the demo");
  expect(result.code).toBe(130);
  if (process.platform === "linux") {
    await waitFor("the end of the demo's processes", () => processesOf(name).length === 0);
  }
}

test("the demo deploys, onboards, uses and revokes a terminal, and no process of it remains", () => {
  const { code, output } = complete;
  expect(code, output).toBe(0);
  expect(output).toContain("✅ terminal-fleet");
  expect(output).toContain("25 sealed credential bundles");
  for (const path of ["IoT Hub", "Files", "Flow API"]) {
    expect(output).toMatch(new RegExp(`${path}\\s+.*open`));
    expect(output).toMatch(new RegExp(`${path}\\s+.*closed`));
  }
  expect(output).toMatch(/s {2}total/);
  const page = readFileSync(folder.file("complete/fleet.html"), "utf8");
  expect(page).toContain("12 never seen, 1 revoked");
  for (const [language, lang] of Object.entries({ no: "nb", en: "en" })) {
    const file = `complete/sheet-${language}.html`;
    expect(output).toContain(`sheet-${language}.html`);
    expect(readFileSync(folder.file(file), "utf8")).toContain(`<html lang="${lang}">`);
  }
  if (process.platform === "linux") expect(processesOf("complete")).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "the lines that the demo prints show what it deployed, and a second demo does not delete it while it runs",
  async () => {
    const [up = "", env, show] = [...complete.output.matchAll(/^ {2}((?:npx|npm|eval) .*)$/gm)].map(
      ([, line]) => line,
    );
    try {
      expect((await runLine(up)).output).toContain("The sandbox is up");
      const shown = await runLine(`${env}; ${show}`);
      expect(shown.output).toMatch(/hubHostName +iot-terminals-dev-/);
      const group = "Terminal fleet operators (dev)";
      const remove = up.replace(/up$/, `member '${group}' --remove`);
      expect(await runLine(remove)).toMatchObject({
        code: 0,
        output: expect.stringContaining(`The operator is no longer a member of ${group}.`),
      });
      expect(await runLine(remove)).toMatchObject({
        code: 1,
        output: expect.stringContaining(`The operator is no member of ${group}.`),
      });
      const second = await outcome(startDemo("complete"));
      const remedy = `npx azure-sandbox --dir ${folder.file("complete/sandbox")} down`;
      expect([second.code, second.output]).toEqual([1, expect.stringContaining(remedy)]);
    } finally {
      await runLine(up.replace(/up$/, "down"));
    }
  },
);

test("--help and a wrong option print the usage, and run nothing", async () => {
  const help = await outcome(startProgram("tools/demo/demo.ts", ["--help"]));
  expect([help.code, help.output]).toEqual([0, expect.stringMatching(/^Usage: npm run demo/)]);
  const wrong = await outcome(startProgram("tools/demo/demo.ts", ["--folder", "x"]));
  expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining("Usage: npm run demo")]);
  expect(wrong.output).not.toMatch(/^ +at /m);
});

test("a demo whose standard output closes ends its processes without a stack trace", async () => {
  const child = startDemo("closed");
  let output = "";
  child.stderr?.on("data", (data) => (output += data));
  child.stdout?.once("data", () => child.stdout?.destroy());
  const [code] = await once(child, "exit");
  expect([code, output]).toEqual([0, ""]);
  if (process.platform === "linux") {
    await waitFor("the end of the demo's processes", () => processesOf("closed").length === 0);
  }
});

test("of two demos in one folder, the second leaves the first one's files and names its process, and the first one can be interrupted at the step Deploy dev", async () => {
  const first = startDemo("shared");
  const ended = outcome(first);
  let output = "";
  first.stdout?.on("data", (data) => (output += data));
  await waitFor("the start of the sandbox", () => output.includes("Deploy dev"), { withinMs: 120_000 });
  const second = await outcome(startDemo("shared"));
  expect([second.code, second.output]).toEqual([
    1,
    expect.stringContaining(`process ${first.pid} runs a demo in ${folder.file("shared")}`),
  ]);
  expect(existsSync(folder.file("shared/sandbox/state.sqlite"))).toBe(true);
  if (process.platform === "linux") {
    await waitFor("a process of the step Deploy dev", () => processesOf("shared").length > 1);
  }
  await interrupt(first, ended, "shared");
});

test("the demo refuses a folder with other files, and leaves them", async () => {
  await using other = await temporaryFolder();
  writeFileSync(other.file("thesis.txt"), "years of work");
  const refused = await outcome(startProgram("tools/demo/demo.ts", ["--dir", other.path]));
  expect([refused.code, refused.output]).toEqual([
    1,
    expect.stringContaining("Name an empty folder with --dir"),
  ]);
  expect(readdirSync(other.path)).toEqual(["thesis.txt"]);
});

test.each(["Start the sandbox", "Deploy again", "Onboard examples"])(
  "a demo that is interrupted at the step %s ends its processes and exits with 130",
  async (step) => {
    const child = startDemo(step);
    const ended = outcome(child);
    let output = "";
    child.stdout?.on("data", (data) => (output += data));
    const heading = await waitFor(`the step ${step}`, () => output.includes(step), { withinMs: 120_000 });
    expect(heading).toBe(true);
    if (process.platform === "linux" && step !== "Start the sandbox") {
      await waitFor(`a process of the step ${step}`, () => processesOf(step).length > 1);
    }
    await interrupt(child, ended, step);
    rmSync(folder.file(step), { recursive: true, force: true });
  },
);
