import { execFile, execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { projectRoot } from "../support/project-root.ts";

/*
 * actionlint (https://github.com/rhysd/actionlint) judges the workflows. It is a Go program: it is found on PATH, or
 * installed by Go into node_modules/.cache. Without both, the tests say that they were skipped.
 */

const version = "1.7.12";
const run = promisify(execFile);

/** @returns Path of actionlint, or why it is missing. */
async function findActionlint(): Promise<{ path: string } | { missing: string }> {
  try {
    execFileSync("actionlint", ["-version"], { stdio: "ignore" });
    return { path: "actionlint" };
  } catch {
    // It is not on PATH.
  }
  const folder = join(projectRoot, "node_modules", ".cache", `actionlint-${version}`);
  const path = join(folder, process.platform === "win32" ? "actionlint.exe" : "actionlint");
  if (existsSync(path)) return { path };
  try {
    mkdirSync(folder, { recursive: true });
    await run("go", ["install", `github.com/rhysd/actionlint/cmd/actionlint@v${version}`], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: "" },
      timeout: 240_000,
    });
    return { path };
  } catch (error) {
    return { missing: `actionlint is not on PATH, and Go could not install it: ${(error as Error).message}` };
  }
}

const actionlint = await findActionlint();

/** Judges files without programs that are not part of actionlint. */
const lint = (path: string, files: string[]) =>
  run(path, ["-no-color", "-shellcheck=", "-pyflakes=", ...files], { cwd: projectRoot }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );

test("actionlint finds nothing in the workflows", async (context) => {
  if ("missing" in actionlint) return context.skip(actionlint.missing);
  const files = globSync(".github/workflows/*.yml", { cwd: projectRoot });
  expect(files.length).toBeGreaterThan(0);
  expect(await lint(actionlint.path, files)).toBe("");
});

test("actionlint finds an expression of a pull request's title in a command", async (context) => {
  if ("missing" in actionlint) return context.skip(actionlint.missing);
  await using folder = await temporaryFolder();
  const file = folder.file("workflow.yml");
  writeFileSync(
    file,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is an expression of GitHub Actions.
    "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.event.pull_request.title }}\n",
  );
  expect(await lint(actionlint.path, [file])).toContain("potentially untrusted");
});
