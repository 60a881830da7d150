import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outcome, projectRoot } from "../support/stack.ts";

function demo() {
  return spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(projectRoot, "tools", "demo", "demo.ts")],
    {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
}

/** Processes that a demo started, found by the folder that is in their arguments or environment. */
function leftovers(): string[] {
  const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return names.flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1");
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
      const folder = join(projectRoot, ".demo");
      return environment.includes(folder) || command.includes(folder) ? [command] : [];
    } catch {
      return [];
    }
  });
}

/** Runs a line that the demo has told, as somebody at a POSIX shell would. */
const asTold = (line: string) =>
  outcome(spawn("sh", ["-c", line], { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] }));

test("the demo does the main job from end to end, and leaves nothing running", async () => {
  const { code, output } = await outcome(demo());
  expect(code, output).toBe(0);
  expect(output).toContain("✅ terminal-fleet");
  expect(output).toContain("25 sealed hand-overs");
  for (const door of ["IoT Hub", "Files", "Flow API"]) {
    expect(output).toMatch(new RegExp(`${door}\\s+.*open`));
    expect(output).toMatch(new RegExp(`${door}\\s+.*closed`));
  }
  expect(output).toMatch(/s {2}in all/);
  const page = readFileSync(join(projectRoot, ".demo", "fleet.html"), "utf8");
  expect(page).toContain("12 never seen, 1 revoked");
  if (process.platform === "linux") expect(leftovers()).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "what a demo has deployed can be looked at by the lines that it tells, and no demo deletes it meanwhile",
  async () => {
    const { output } = await outcome(demo());
    const told = [...output.matchAll(/^ {2}((?:npm|eval) .*)$/gm)].map(([, line]) => line ?? "");
    const [up = "", env, show] = told;
    const started = await asTold(up);
    try {
      expect(started.output).toContain("The sandbox is up");
      const shown = await asTold(`${env}; ${show}`);
      expect(shown.output).toMatch(/hubHostName +iot-terminals-dev-/);
      const again = await outcome(demo());
      expect([again.code, again.output]).toEqual([
        1,
        expect.stringContaining("npm run sandbox -- --dir .demo/sandbox down"),
      ]);
    } finally {
      await asTold(up.replace(/up$/, "down"));
    }
  },
);

test.each(["Start Azure", "Deploy dev", "Deploy again", "Onboard examples"])(
  "interrupted at the step %s, it ends what it started and says so",
  async (step) => {
    const child = demo();
    let said = "";
    child.stdout.on("data", (data) => {
      const wasThere = said.includes(step);
      said += data;
      // A moment later the step has processes of its own.
      if (!wasThere && said.includes(step)) setTimeout(() => child.kill("SIGINT"), 400);
    });
    const { code, output } = await outcome(child);
    expect(output).toContain("ending what was started");
    expect(code).toBe(130);
    if (process.platform === "linux") await expect.poll(leftovers, { timeout: 5000 }).toEqual([]);
  },
);
