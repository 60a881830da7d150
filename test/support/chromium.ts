import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Chromium } from "../../cli/network/sheet/pdf/chromium.ts";
import { findChromium } from "../../cli/network/sheet/pdf/find-chromium.ts";
import { installOnce } from "../../tools/outside-judges/install-once.ts";

const run = promisify(execFile);

/** Packages of npm with a build of Chromium for Linux (70 MB), and with the judge of accessibility. */
const packages = { "@sparticuz/chromium": "153.0.0", "axe-core": "4.14.1" };

/** What the tests of a page need from outside. */
export interface PageJudges {
  /** Path of Chromium. */
  chromium: string;
  /** Script that defines `axe`. */
  axe: string;
}

/**
 * Finds Chromium on this computer, or installs it into the user's cache folder, or into TERMINAL_FLEET_CACHE. It is installed
 * once: a second process waits for the first. The packages are too large for devDependencies.
 * @returns Why there are none, as a text, when npm cannot be reached or the system is not Linux on x64.
 */
export async function findPageJudges(): Promise<PageJudges | string> {
  try {
    const folder = await installPackages();
    const axe = readFileSync(join(folder, "node_modules/axe-core/axe.min.js"), "utf8");
    return { chromium: await chooseChromium(folder), axe };
  } catch (error) {
    return (error as Error).message.split("\n").at(0) ?? "";
  }
}

async function chooseChromium(folder: string): Promise<string> {
  try {
    return findChromium();
  } catch {
    if (process.platform !== "linux" || process.arch !== "x64") throw new Error("there is no Chromium");
    const script = 'import c from "@sparticuz/chromium"; process.stdout.write(await c.executablePath())';
    // The package unpacks Chromium into the folder for temporary files, once.
    const env = { ...process.env, TMPDIR: folder };
    const args = ["--input-type=module", "--eval", script];
    return (await run(process.execPath, args, { cwd: folder, env })).stdout.trim();
  }
}

function installPackages(): Promise<string> {
  const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  return installOnce(`chromium-${packages["@sparticuz/chromium"]}`, async (folder) => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const isWindows = process.platform === "win32";
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", ...names];
    await run(isWindows ? "npm.cmd" : "npm", args, { cwd: folder, shell: isWindows, timeout: 150_000 });
  });
}

/** Evaluates an expression in the page that the browser shows. @throws Error when the expression throws. */
export async function evaluateIn<Value>(browser: Chromium, expression: string): Promise<Value> {
  const params = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = (await browser.send("Runtime.evaluate", params)) as {
    result: { value: Value };
    exceptionDetails?: object;
  };
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
  return result.value;
}

/** Sets the width of the screen in pixels; below 500 it is that of a phone. */
export async function resizeScreen(browser: Chromium, width: number): Promise<void> {
  const size = { width, height: 900, deviceScaleFactor: 1, mobile: width < 500 };
  await browser.send("Emulation.setDeviceMetricsOverride", size);
}

/** Shows pages in the light or the dark colours of a screen. */
export async function setColourScheme(browser: Chromium, scheme: "light" | "dark"): Promise<void> {
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await browser.send("Emulation.setEmulatedMedia", { media: "screen", features });
}
