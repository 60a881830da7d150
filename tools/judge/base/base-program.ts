import { execFile } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** The program of the base branch, in a folder of its own. */
export interface BaseProgram {
  /** What the user or the default named, such as origin/main. */
  ref: string;
  commit: string;
  /** The folder with the base's files. It uses the installed packages of the change. */
  root: string;
  /** Whether package-lock.json differs, so that the base's program runs with other packages than on its branch. */
  hasOtherPackages: boolean;
  /** Whether the policy pack differs. */
  hasOtherPack: boolean;
}

/** Why there is no base. */
export interface NoBase {
  explanation: string;
}

const run = promisify(execFile);

/** Branches that a clone may have, the most specific first. GitHub names the base of a pull request. */
const defaultRefs = (env: NodeJS.ProcessEnv) => [
  ...(env.GITHUB_BASE_REF ? [`origin/${env.GITHUB_BASE_REF}`] : []),
  "origin/HEAD",
  "origin/main",
  "main",
];

/**
 * Extracts the commit where the change left its base branch.
 * @param ref Default: the base of the pull request, the remote's main branch, or the local main.
 * @throws Error when `ref` is given and names no commit.
 */
export async function extractBase(
  root: string,
  dir: string,
  ref?: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<BaseProgram | NoBase> {
  const git = async (...args: string[]) => {
    const { stdout } = await run("git", ["-C", root, ...args], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  };
  const attempt = (...args: string[]) => git(...args).catch(() => undefined);
  // A folder inside another repository, or without one, has no base.
  if ((await attempt("rev-parse", "--show-prefix")) !== "") {
    return { explanation: `${root} is not the folder of a Git repository.` };
  }
  for (const candidate of ref === undefined ? defaultRefs(env) : [ref]) {
    const tip = await attempt(
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${candidate}^{commit}`,
    );
    if (!tip) continue;
    const commit = await attempt("merge-base", "HEAD", tip);
    if (!commit) {
      const explanation = `the clone does not have the commit where the change left ${candidate}. Clone with the whole history (fetch-depth: 0).`;
      if (ref !== undefined) throw new Error(`--base ${ref}: ${explanation}`);
      return { explanation };
    }
    const target = join(dir, "base");
    await archive(root, commit, target);
    const differs = async (...paths: string[]) =>
      (await attempt("diff", "--name-only", commit, "--", ...paths)) !== "";
    return {
      ref: candidate,
      commit,
      root: target,
      hasOtherPackages: await differs("package-lock.json"),
      hasOtherPack: await differs("policies", ":!policies/snapshot", ":!policies/accepted-changes.yaml"),
    };
  }
  if (ref !== undefined) throw new Error(`--base ${ref}: the repository has no such commit.`);
  return { explanation: "the repository has no branch origin/main and no branch main." };
}

/** Writes the files of a commit into a folder, with the installed packages of the change. */
async function archive(root: string, commit: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const index = `${target}.index`;
  // A temporary index, so that neither the checkout nor its index changes.
  const env = { ...process.env, GIT_INDEX_FILE: index, GIT_LITERAL_PATHSPECS: "1" };
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  await run("git", ["-C", root, "read-tree", commit], options);
  await run("git", ["-C", root, `--work-tree=${target}`, "checkout-index", "--all", "--force"], options);
  const packages = join(root, "node_modules");
  if (existsSync(packages)) symlinkSync(packages, join(target, "node_modules"), "junction");
}
