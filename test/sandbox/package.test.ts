import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedJsonSchema } from "../../sandbox/seed/seed-schema.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { projectRoot } from "../support/project-root.ts";
import { runFile } from "../support/run-file.ts";

/*
 * The sandbox as others use it: packed by npm and installed into the example project, which is otherwise empty.
 */

const packageName = "@terminal-fleet/sandbox";
const example = join(projectRoot, "examples", "device-and-service");
const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"));

let folder: TemporaryFolder;
let project: string;

const npm = (args: string[], cwd: string) =>
  runFile(process.platform === "win32" ? "npm.cmd" : "npm", [...args, "--no-audit", "--no-fund"], { cwd });

/** Packs a copy of the package, because npm builds in its folder. @returns Path of the tarball. */
async function packPackage(): Promise<string> {
  const copy = folder.file("repository");
  const folders = ["sandbox", join("tools", "file-lock")];
  for (const each of folders) cpSync(join(projectRoot, each), join(copy, each), { recursive: true });
  cpSync(join(projectRoot, "tsconfig.json"), join(copy, "tsconfig.json"));
  symlinkSync(join(projectRoot, "node_modules"), join(copy, "node_modules"), "dir");
  const { code, output } = await npm(["pack"], join(copy, "sandbox"));
  if (code !== 0) throw new Error(output);
  const [tarball] = globSync("*.tgz", { cwd: join(copy, "sandbox") });
  return join(copy, "sandbox", tarball!);
}

/** Installs the tarball. The packages that it needs come from this repository instead of the registry. */
async function installPackage(tarball: string): Promise<void> {
  cpSync(example, project, { recursive: true });
  const manifest = readJson(join(example, "package.json"));
  const { dependencies } = readJson(join(projectRoot, "sandbox", "package.json"));
  const names = Object.keys({ ...dependencies, ...manifest.dependencies });
  const installed = names.map((name) => [name, `file:${join(projectRoot, "node_modules", name)}`]);
  const all = { ...Object.fromEntries(installed), [packageName]: `file:${tarball}` };
  writeFileSync(join(project, "package.json"), JSON.stringify({ ...manifest, dependencies: all }));
  const { code, output } = await npm(["install", "--offline", "--ignore-scripts"], project);
  if (code !== 0) throw new Error(output);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  project = folder.file("door-control");
  mkdirSync(project);
  await installPackage(await packPackage());
});
afterAll(() => folder?.[Symbol.asyncDispose]());

test("the example project's device and service talk to each other", async () => {
  expect(readFileSync(join(example, "talk.test.js"), "utf8").split("\n").length).toBeLessThan(70);
  const { code, output } = await runFile(process.execPath, ["--test"], { cwd: project });
  expect(output).toContain("pass 3");
  expect(code).toBe(0);
});

test("the package has the command azure-sandbox, without the command for this repository's stacks", async () => {
  const command = join(project, "node_modules", ".bin", "azure-sandbox");
  const file = process.platform === "win32" ? `${command}.cmd` : command;
  const { code, output } = await runFile(file, ["--help"], { cwd: project });
  expect(output).toContain("exec [options] <command> [arguments...]");
  expect(output).not.toContain("stack <name>");
  expect(code).toBe(0);
});

test("CommonJS, as Jest loads it, has the same functions as an ECMAScript module", async () => {
  const script =
    `import("${packageName}").then((esm) => ` +
    `console.log(typeof esm.start, require("${packageName}").start === esm.start))`;
  const { stdout } = await runFile(process.execPath, ["--eval", script], { cwd: project });
  expect(stdout.trim()).toBe("function true");
});

test("the types of the package accept a test, and refuse an unknown fault", async () => {
  writeFileSync(
    join(project, "typed.ts"),
    `import { type RunningSandbox, start } from "${packageName}";
const sandbox: RunningSandbox = await start({ seed: { hubs: [{ name: "iot-a", devices: [{ id: "d" }] }] } });
const variables: Record<string, string> = await sandbox.env("deployer");
const { id, end } = await sandbox.fault({ status: 429, service: "iot-hub", rate: 0.5, seed: 7 });
const now: Date = await sandbox.clock({ hours: 721 });
// @ts-expect-error: the sandbox has no service of this name.
await sandbox.fault({ status: 429, service: "iothub" });
await end();
await sandbox.stop();
console.log(variables, id, now);
`,
  );
  const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--types", "node", "--target", "es2024"];
  const types = ["--typeRoots", join(projectRoot, "node_modules", "@types")];
  const args = [compiler, ...options, ...types, "--module", "nodenext", "typed.ts"];
  const { code, output } = await runFile(process.execPath, args, { cwd: project });
  expect(output).toBe("");
  expect(code).toBe(0);
});

test("the package contains compiled files only, and the schema of seed files", () => {
  const installed = join(project, "node_modules", packageName);
  const files = globSync("**/*.*", { cwd: installed, exclude: ["node_modules/**"] });
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  expect(readJson(join(installed, "dist", "sandbox", "seed", "seed.schema.json"))).toEqual(seedJsonSchema());
  expect(existsSync(join(installed, "dist", "sandbox", "daemon", "daemon.js"))).toBe(true);
  const texts = files
    .filter((file) => /\.(js|cjs|d\.ts)$/.test(file) && !file.startsWith("bin"))
    .map((file) => readFileSync(join(installed, file), "utf8"));
  expect(texts.filter((text) => /(from|import\(|require\() ?"@terminal-fleet/.test(text))).toEqual([]);
});
