import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { OperatorError } from "../../../lib/operator-error.ts";
import { t } from "../../../words/translate.ts";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "microsoft-edge-stable",
  "msedge",
];

/** Paths below the folders in which Windows has programs. */
const windowsPaths = [
  "Google/Chrome/Application/chrome.exe",
  "Microsoft/Edge/Application/msedge.exe",
  "Chromium/Application/chrome.exe",
];
const macPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];
const linuxPaths = ["/snap/bin/chromium", "/opt/google/chrome/chrome", "/usr/lib/chromium/chromium"];

/**
 * Finds Chromium, Chrome or Edge: CHROMIUM_PATH, then PATH, then the places where their installers put them.
 * @throws OperatorError when CHROMIUM_PATH is no program, or there is none.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const chosen = env.CHROMIUM_PATH;
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new OperatorError("usage", t`CHROMIUM_PATH is ${chosen}, which is not a program`, {
      remedy: t`Set it to the path of Chromium, Chrome or Edge.`,
    });
  }
  const suffix = platform === "win32" ? ".exe" : "";
  const onPath = (env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => join(folder, `${name}${suffix}`)));
  const found = [...onPath, ...commonPlaces(env, platform)].find(isProgram);
  if (found !== undefined) return found;
  throw new OperatorError("usage", t`a PDF needs Chromium, Chrome or Edge, and this computer has none`, {
    remedy: t`Install one of them, or set CHROMIUM_PATH. Or use --format html, and print the page as a PDF in a browser.`,
  });
}

function commonPlaces(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === "darwin") return macPaths;
  if (platform !== "win32") return linuxPaths;
  const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA];
  return folders.flatMap((folder) => (folder ? windowsPaths.map((path) => join(folder, path)) : []));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
