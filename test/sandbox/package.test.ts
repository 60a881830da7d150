import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedJsonSchema } from "../../sandbox/seed/seed-schema.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { projectRoot } from "../support/project-root.ts";
import { runFile } from "../support/run-file.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * The sandbox as others use it: packed by npm and installed into the example project, which is otherwise empty.
 */

const packageName = "@terminal-fleet/sandbox";
const example = join(projectRoot, "examples", "device-and-service");
const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** The instructions of the Containerfile, which has one a line. */
function readContainerfile(): { name: string; text: string }[] {
  const lines = readFileSync(join(projectRoot, "Containerfile"), "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ name: line.split(" ")[0]!, text: line.slice(line.indexOf(" ") + 1) }));
}

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

test("the container's command runs the sandbox in the foreground, its health check passes meanwhile, and SIGTERM ends it", async () => {
  const instructions = readContainerfile();
  const command = (name: string) => {
    const { text } = instructions.findLast((each) => each.name === name)!;
    return JSON.parse(text.slice(text.indexOf("["))) as string[];
  };
  const path = [join(project, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, SANDBOX_DIR: folder.file("container") };
  // The port of the image is the container's own; here another test may use it.
  const [file, ...args] = command("CMD").filter((each) => each !== "--port" && each !== "8443");
  const [checkFile, ...checkArgs] = command("HEALTHCHECK");
  const isHealthy = async () => (await runFile(checkFile!, checkArgs, { cwd: project, env })).code === 0;
  expect(await isHealthy()).toBe(false);
  const child = spawn(file!, args, { cwd: project, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let log = "";
  child.stdout.on("data", (data) => (log += data));
  await waitFor("a healthy container", isHealthy, { everyMs: 500 });
  await waitFor("the log", () => log.includes("ready, proxy http://127.0.0.1:"));
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect(await isHealthy()).toBe(false);
});

test("the Containerfile copies what exists, has each workspace, and installs the tarball of this version", () => {
  const instructions = readContainerfile();
  const known = ["FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "HEALTHCHECK", "CMD"];
  expect(instructions.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  const images = instructions.filter(({ name }) => name === "FROM").map(({ text }) => text.split(" ")[0]);
  const { dependencies, workspaces } = readJson(join(projectRoot, "package.json"));
  expect(new Set(images)).toEqual(new Set([`docker.io/library/node:${dependencies.node}-trixie-slim`]));
  const copied = instructions
    .filter(({ name, text }) => name === "COPY" && !text.startsWith("--from"))
    .flatMap(({ text }) => text.split(" ").slice(0, -1));
  expect(copied.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  const isCopied = (workspace: string) =>
    copied.includes(workspace) || copied.includes(`${workspace}/package.json`);
  expect(workspaces.filter((workspace: string) => !isCopied(workspace))).toEqual([]);
  const runs = instructions.filter(({ name }) => name === "RUN").map(({ text }) => text);
  const { name } = readJson(join(projectRoot, "sandbox", "package.json"));
  expect(runs.at(-2)).toContain(`/package/${name.replace("@", "").replace("/", "-")}-*.tgz`);
  expect(instructions.findIndex(({ name }) => name === "USER")).toBeLessThan(
    instructions.findIndex(({ name }) => name === "CMD"),
  );
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
