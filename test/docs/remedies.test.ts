import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../cli/commands/program.ts";
import { Output } from "../../cli/terminal-ui/output.ts";
import { Prompt } from "../../cli/terminal-ui/prompt.ts";
import { projectRoot } from "../support/project-root.ts";
import { placeholder, textsOf } from "../support/source-texts.ts";

/*
 * Messages tell people what to run. Every command, option and script that a text of the source names must exist, so that
 * a renamed option is found in the remedies too. The texts are collected from the syntax trees: a new one is covered.
 */

const texts = textsOf("cli/**/*.ts", "tools/**/*.{ts,cjs}", "sandbox/**/*.ts", "policies/**/*.ts");
const program = createProgram({
  signal: new AbortController().signal,
  output: new Output({}),
  prompt: new Prompt(),
});

/** All commands of `terminals` by their path, for example "audit show". */
const commands = new Map<string, CommandUnknownOpts>();
const collect = (command: CommandUnknownOpts, path: string[]): void => {
  for (const sub of command.commands) {
    commands.set([...path, sub.name()].join(" "), sub);
    collect(sub, [...path, sub.name()]);
  }
};
collect(program, []);
const allOptions = new Set(
  [program, ...commands.values()].flatMap(({ options }) => options.map(({ long }) => long)),
);

/** Where and what: each command line of a program that a text has in backticks. */
function commandLines(start: RegExp): { at: string; line: string }[] {
  return texts.flatMap(({ at, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].flatMap(([, line = ""]) => (start.test(line) ? [{ at, line }] : [])),
  );
}

/** Why `terminals` would not accept a command line; undefined when it would. */
function whyRejected(line: string): string | undefined {
  const words = line.replace(/^npx /, "").split(/\s+/).slice(1);
  const isWithSub = commands.has(words.slice(0, 2).join(" "));
  const path = words.slice(0, isWithSub ? 2 : 1).join(" ");
  const command = commands.get(path);
  if (path === "COMMAND") return undefined;
  if (!command) return `there is no command ${path}`;
  const rest = words.slice(isWithSub ? 2 : 1);
  let positional = 0;
  const given = new Set<string>();
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] as string;
    if (!word.startsWith("-")) {
      positional++;
      continue;
    }
    const option = [...command.options, ...program.options].find(
      ({ long, short }) => long === word || short === word,
    );
    if (!option) return `${path} has no option ${word}`;
    given.add(option.attributeName());
    if (option.required && rest[at + 1] === undefined) return `${word} needs a value`;
    if (option.required || (option.optional && !(rest[at + 1] ?? "-").startsWith("-"))) at++;
  }
  const expected = command.registeredArguments;
  if (positional > expected.length && !expected.at(-1)?.variadic) return `${path} has too many arguments`;
  // A text may name a command alone, as `npx terminals status`. With an argument it is one to run.
  if (rest.length === 0) return undefined;
  const missing = expected.filter(({ required }) => required).length - positional;
  if (missing > 0) return `${path} needs an argument`;
  const mandatory = command.options.find((one) => one.mandatory && !given.has(one.attributeName()));
  return mandatory && `${path} needs ${mandatory.long}`;
}

describe("texts of the source", () => {
  test("name commands of `terminals` that exist, with the options and arguments that they accept", () => {
    const lines = commandLines(/^(npx )?terminals /);
    expect(lines.length).toBeGreaterThan(30);
    const wrong = lines.flatMap(({ at, line }) => {
      const why = whyRejected(line);
      return why ? [`${at}: ${line}: ${why}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test("name commands of `terminals` as they run in a checkout: with npx", () => {
    expect(commandLines(/^terminals [a-z]/)).toEqual([]);
  });

  test("name commands of Pulumi as they run in a checkout: with npm run, also in the docs", () => {
    // Two findings and an error quote the command that was run.
    const quoted = ["pulumi up", "pulumi stack INPUT"];
    const inTexts = commandLines(/^pulumi [a-z]/).filter(
      ({ at, line }) => !quoted.includes(line) && !at.startsWith("policies/azure/"),
    );
    expect(inTexts).toEqual([]);
    const pages = globSync(["README.md", "docs/**/*.md"], { cwd: projectRoot });
    expect(pages.length).toBeGreaterThan(20);
    // Rules for any program cannot know its scripts.
    const own = pages.filter((page) => !/reference[/\\](policies|external-rules)\.md$/.test(page));
    const inPages = own.flatMap((page) =>
      [
        ...readFileSync(join(projectRoot, page), "utf8").matchAll(/`pulumi [a-z][^`]*`|^pulumi [a-z].*/gm),
      ].map(([line]) => `${page}: ${line}`),
    );
    expect(inPages).toEqual([]);
  });

  test("of the command line name options that a command has", () => {
    // Sentences: a text without a space is an argument of another program, or a definition.
    const own = texts.filter(
      ({ at, text }) => at.startsWith("cli/") && text.includes(" ") && !at.includes("page-style"),
    );
    expect(own.filter(({ isRemedy }) => isRemedy).length).toBeGreaterThan(80);
    const wrong = own.flatMap(({ at, text }) => {
      // Commands of other programs have options of their own.
      const without = text
        .replace(/`[^`]*`/g, (span) => (/^`(npx )?terminals |^`--/.test(span) ? span : ""))
        .replace(/^ *(az|age-keygen|chmod) .*/gm, "");
      return [...without.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)]
        .filter(([option]) => !allOptions.has(option) && option !== "--help")
        .map(([option]) => `${at}: ${option}`);
    });
    expect(wrong).toEqual([]);
  });

  test("name npm scripts, workspaces' commands and packages' programs that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const runs = texts.flatMap(({ at, text }) =>
      [...text.matchAll(/\bnpm(?:\.cmd)? run (?:-s )?([\w:]+)/g)].map(([, name = ""]) => ({ at, name })),
    );
    expect(runs.length).toBeGreaterThan(4);
    expect(runs.filter(({ name }) => !(name in scripts) && name !== placeholder)).toEqual([]);
    const programs = new Set([
      "terminals",
      "azure-sandbox",
      ...globSync("node_modules/.bin/*", { cwd: projectRoot }).map(
        (path) => path.split(/[\\/]/).at(-1) ?? "",
      ),
    ]);
    const called = texts.flatMap(({ at, text }) =>
      [...text.matchAll(/\bnpx(?:\.cmd)? ([\w-]+)/g)].map(([, name = ""]) => ({ at, name })),
    );
    expect(called.length).toBeGreaterThan(3);
    expect(called.filter(({ name }) => !programs.has(name))).toEqual([]);
  });

  test("name commands of `azure-sandbox` that exist, with their options", () => {
    const files = ["sandbox/main.ts", ...globSync("sandbox/commands/*.ts", { cwd: projectRoot })];
    const main = files.map((file) => readFileSync(join(projectRoot, file), "utf8")).join("\n");
    const known = new Set([...main.matchAll(/\.command\("(\w+)/g)].map(([, name]) => name));
    const options = new Set([...main.matchAll(/"(?:-[a-z], )?(--[a-z-]+)/g)].map(([, name]) => name));
    const calls = texts.flatMap(({ at, text }) =>
      [...text.matchAll(/\bazure-sandbox ((?:--dir \S+ )?)([a-z]+)((?: --[a-z-]+(?: [A-Z]\S*)?)*)/g)].map(
        ([, , name = "", rest = ""]) => ({ at, name, rest }),
      ),
    );
    expect(known.size).toBeGreaterThan(7);
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.filter(({ name }) => !known.has(name))).toEqual([]);
    const wrong = calls.filter(({ rest }) =>
      [...rest.matchAll(/--[a-z-]+/g)].some(([option]) => !options.has(option)),
    );
    expect(wrong).toEqual([]);
  });
});
