import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { projectRoot } from "../support/project-root.ts";

/*
 * .github/workflows/ and the example for Azure Pipelines: what they may do, and that each step is one local command.
 */

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  permissions?: Record<string, string>;
  environment?: string;
  "timeout-minutes"?: number;
  if?: string;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: object;
  concurrency: { group: string };
  jobs: Record<string, Job>;
}

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const workflows = globSync(".github/workflows/*.yml", { cwd: projectRoot })
  .sort()
  .map((file) => ({ file, text: read(file), content: parse(read(file)) as Workflow }));
const jobs = workflows.flatMap(({ file, content }) =>
  Object.entries(content.jobs).map(([name, job]) => ({ name: `${file}: ${name}`, job, on: content.on })),
);
const steps = jobs.flatMap(({ name, job, on }) => job.steps.map((step) => ({ name, job, step, on })));
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Whether a command line is `npm ci`, or a script of package.json. */
function isLocalCommand(line: string): boolean {
  if (line === "npm ci") return true;
  const script = /^npm (?:run )?([\w:-]+)(?: -- [\w ./-]+)?$/.exec(line)?.[1];
  return script !== undefined && script in scripts;
}

test("there are workflows for pull requests, their report, deployments and drift", () => {
  expect(workflows.map(({ file }) => file)).toEqual(
    ["deploy", "drift", "pull-request-report", "pull-request"].map((name) => `.github/workflows/${name}.yml`),
  );
});

test("each action is pinned by a full commit, with its version as a comment", () => {
  const lines = workflows.flatMap(({ text }) => text.split("\n").filter((line) => /\buses:/.test(line)));
  expect(lines.length).toBe(steps.filter(({ step }) => step.uses).length);
  expect(lines.filter((line) => !/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
    [],
  );
});

test("the same action has the same commit everywhere", () => {
  const commits = new Map<string, Set<string>>();
  for (const { step } of steps) {
    const [action, commit] = step.uses?.split("@") ?? [];
    if (action) commits.set(action, (commits.get(action) ?? new Set()).add(commit!));
  }
  expect([...commits].filter(([, each]) => each.size > 1)).toEqual([]);
});

test("a workflow has no right, and each job has only the rights that it needs", () => {
  expect(workflows.filter(({ content }) => JSON.stringify(content.permissions) !== "{}")).toEqual([]);
  const rights = Object.fromEntries(
    jobs.map(({ name, job }) => [
      name.replace(".github/workflows/", ""),
      Object.entries(job.permissions ?? {})
        .map(([scope, access]) => `${scope}: ${access}`)
        .join(", "),
    ]),
  );
  const signIn = "contents: read, id-token: write";
  expect(rights).toEqual({
    "pull-request.yml: test": "contents: read",
    "pull-request.yml: judge": "contents: read",
    "pull-request.yml: preview": signIn,
    "pull-request-report.yml: report":
      "actions: read, contents: read, pull-requests: write, security-events: write",
    "deploy.yml: dev": signIn,
    "deploy.yml: preview-prod": signIn,
    "deploy.yml: prod": signIn,
    "drift.yml: dev": signIn,
    "drift.yml: prod": signIn,
  });
});

test("no job that runs the code of a fork gets a secret, a token of Azure or a right to write", () => {
  const ofPullRequests = jobs.filter(({ on }) => "pull_request" in on);
  expect(ofPullRequests.length).toBeGreaterThan(0);
  const forForks = ofPullRequests.filter(
    ({ job }) => !job.if?.includes("github.event.pull_request.head.repo.full_name == github.repository"),
  );
  expect(forForks.map(({ name }) => name)).toEqual([
    ".github/workflows/pull-request.yml: test",
    ".github/workflows/pull-request.yml: judge",
  ]);
  for (const { job } of forForks) {
    expect(job.environment).toBeUndefined();
    expect(JSON.stringify(job)).not.toMatch(/secrets\.|github\.token|GITHUB_TOKEN/);
    expect(Object.values(job.permissions ?? {})).toEqual(["read"]);
  }
  expect(workflows.filter(({ content }) => "pull_request_target" in content.on)).toEqual([]);
});

test("the workflow that may write runs no code of the pull request", () => {
  const writing = steps.filter(({ on }) => "workflow_run" in on);
  expect(writing.length).toBeGreaterThan(0);
  expect(writing.filter(({ step }) => step.run || /checkout|setup-/.test(step.uses ?? ""))).toEqual([]);
});

test("secrets are in environments only", () => {
  const withSecrets = jobs.filter(({ job }) => JSON.stringify(job).includes("secrets."));
  expect(withSecrets.length).toBeGreaterThan(0);
  expect(withSecrets.filter(({ job }) => !job.environment)).toEqual([]);
});

test("each job has a time limit and each workflow a concurrency group", () => {
  expect(jobs.filter(({ job }) => !job["timeout-minutes"])).toEqual([]);
  expect(workflows.filter(({ content }) => !content.concurrency.group)).toEqual([]);
});

test("a checkout leaves no credentials behind", () => {
  const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
  expect(checkouts.length).toBeGreaterThan(0);
  expect(checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false)).toEqual([]);
});

test("each command is npm ci or an npm script, and contains no expression", () => {
  const commands = steps.flatMap(({ step }) => (step.run ? [step.run] : []));
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter((command) => !isLocalCommand(command))).toEqual([]);
});

test("no script contains an expression, which would be executed as code", () => {
  const scriptTexts = steps.flatMap(({ step }) => [step.run, step.with?.script].filter(Boolean).map(String));
  expect(scriptTexts.filter((text) => text.includes("${{"))).toEqual([]);
});

test("the judge has the history that it compares with", () => {
  const judge = jobs.find(({ name }) => name.endsWith(": judge"))!;
  expect(judge.job.steps[0]!.with).toMatchObject({ "fetch-depth": 0 });
  expect(judge.job.steps.map(({ run }) => run)).toContain("npm run judge -- --report report");
});

test("a pull request is checked by the commands that the docs name for this computer", () => {
  const checks = jobs.filter(({ name }) => /pull-request\.yml: (test|judge)$/.test(name));
  const commands = checks.flatMap(({ job }) => job.steps.flatMap(({ run }) => (run ? [run] : [])));
  const docs = read("docs/pipelines.md");
  for (const command of commands) expect(docs).toContain(command);
});

test("the example for Azure Pipelines runs npm scripts, and leaves no credentials behind", () => {
  const text = read("examples/azure-pipelines.yml");
  const { stages } = parse(text) as { stages: { stage: string }[] };
  expect(stages.map(({ stage }) => stage)).toEqual(["check", "dev", "prod", "drift"]);
  const commands = [...text.matchAll(/^\s*(?:- script: )?(npm .*)$/gm)].map(([, command]) => command!);
  expect(commands.length).toBeGreaterThan(8);
  expect(commands.filter((command) => !isLocalCommand(command))).toEqual([]);
  expect([...text.matchAll(/checkout: self/g)].length).toBe(
    [...text.matchAll(/persistCredentials: false/g)].length,
  );
});
