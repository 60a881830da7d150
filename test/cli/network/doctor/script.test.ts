import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { Language, type Node, Parser } from "web-tree-sitter";
import { createEndpointList } from "../../../../cli/network/create-list.ts";
import { type Decision, decide } from "../../../../cli/network/doctor/decide.ts";
import { notUsedYet, otherwise, rules } from "../../../../cli/network/doctor/decision-table.ts";
import { type Facts, noFacts } from "../../../../cli/network/doctor/facts.ts";
import {
  renderScript,
  sharedTable,
  sharedWords,
} from "../../../../cli/network/doctor/script/render-script.ts";
import { reasonWords } from "../../../../cli/network/doctor/words.ts";
import { endpointList } from "../../../../cli/network/endpoint-list.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { runInProcess } from "../../run-cli.ts";

/*
 * No PowerShell can be installed where these tests run, so terminal-doctor.ps1 is parsed and compared, and not run. On a
 * computer with PowerShell, `terminal-doctor.ps1 -Cases decision-cases.json` runs the same cases.
 */

interface Case extends Decision {
  name: string;
  facts: Partial<Facts>;
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, "decision-cases.json"), "utf8")) as Case[];

describe("the decision table", () => {
  test.each(cases)("$name: $verdict, $reason", ({ facts, name: _, ...expected }) => {
    expect(decide({ ...noFacts, ...facts })).toEqual(expected);
  });

  test("has a case for each reason, and words for each in both languages", () => {
    const reasons = [...rules, otherwise, notUsedYet].map(({ reason }) => reason);
    expect([...new Set(cases.map(({ reason }) => reason))].sort()).toEqual([...new Set(reasons)].sort());
    expect(Object.keys(reasonWords).sort()).toEqual([...new Set(reasons)].sort());
    const placeholders = (text = "") => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [reason, { why, request }] of Object.entries(reasonWords)) {
      expect(placeholders(why.no), reason).toEqual(placeholders(why.en));
      expect(placeholders(request?.no), reason).toEqual(placeholders(request?.en));
    }
  });

  test("names only facts that exist", () => {
    const names = rules.flatMap(({ when }) => Object.keys(when));
    expect(names.filter((name) => !(name in noFacts))).toEqual([]);
  });
});

const list = createEndpointList({
  environment: "prod",
  hubHostName: "example-hub.azure-devices.net",
  filesBlobEndpoint: "https://examplefiles.blob.core.windows.net/",
  flowUrl: "https://example.azure-api.net/flow",
  customer: "example-municipality",
  now: Date.parse("2026-11-30T08:00:00Z"),
});

describe("terminal-doctor.ps1", () => {
  const script = renderScript(list);
  let root: Node;

  beforeAll(async () => {
    await Parser.init();
    const grammar = import.meta.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
    const parser = new Parser();
    parser.setLanguage(await Language.load(fileURLToPath(grammar)));
    root = parser.parse(script)?.rootNode as Node;
  });

  const nodes = (type: string) => root.descendantsOfType(type).filter((node) => node !== null);

  test("is PowerShell without a syntax error", () => {
    const broken = [
      ...nodes("ERROR").map(({ startPosition, text }) => [startPosition.row, text.slice(0, 80)]),
    ];
    expect(broken).toEqual([]);
    expect(root.hasError).toBe(false);
  });

  test("holds the list, the table and the words of the command", () => {
    const texts = [...script.matchAll(/@'\r\n([\s\S]*?)\r\n'@/g)].map(([, text = ""]) => JSON.parse(text));
    expect(texts).toEqual([list, sharedTable, sharedWords].map((value) => JSON.parse(JSON.stringify(value))));
  });

  test("has ASCII characters only, which PowerShell 5.1 reads the same in every code page", () => {
    expect(script).toMatch(/^[\t\r\n\x20-\x7e]*$/);
    expect(script.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  test("calls only its own functions and commands that PowerShell 5.1 has", () => {
    const own = nodes("function_name").map(({ text }) => text);
    const called = new Set(nodes("command_name").map(({ text }) => text));
    const builtIn = [
      ...[
        "ConvertFrom-Json",
        "ConvertTo-Json",
        "ForEach-Object",
        "Get-ChildItem",
        "Get-Content",
        "New-Object",
      ],
      ...[
        "Select-Object",
        "Set-StrictMode",
        "Sort-Object",
        "Test-Path",
        "Where-Object",
        "Write-Output",
        "Write-Warning",
      ],
    ];
    expect([...called].filter((name) => ![...own, ...builtIn].includes(name))).toEqual([]);
    expect(own.filter((name) => !script.includes(`${name} `) && !script.includes(`'${name}'`))).toEqual([]);
    expect(own.length).toBeGreaterThan(30);
  });

  test("uses no operator that only newer versions have", () => {
    const code = script.slice(script.indexOf("# The first rule")).replace(/'[^']*'/g, "''");
    expect(code).not.toMatch(/\?\?|\?\.|&&|\|\||\bclass\b|-Parallel\b|#Requires|RunAsAdministrator|Add-Type/);
  });

  test("gives a variable one spelling, because PowerShell does not tell upper from lower case", () => {
    for (const node of nodes("function_statement")) {
      const parameters = node
        .descendantsOfType("script_parameter")
        .map((one) => one?.text.match(/\$\w+/)?.[0] ?? "");
      const assigned = [...node.text.matchAll(/(?<![\w.])(\$\w+) = /g)].map(([, name = ""]) => name);
      const clashes = assigned.filter((name) =>
        parameters.some((one) => one !== name && one.toLowerCase() === name.toLowerCase()),
      );
      expect(clashes, node.text.slice(0, 60)).toEqual([]);
    }
  });

  test("has each fact and each detail of the words under the names of the command", () => {
    const facts = [...script.matchAll(/\.facts\.(\w+)/g)].map(([, name = ""]) => name);
    expect(facts.filter((name) => !(name in noFacts) && name !== "PSObject")).toEqual([]);
    const isSet = (name: string) =>
      new RegExp(`details\\.${name} =|[{;] ${name} = |^ +${name} = |all\\.${name} =`, "m").test(script);
    const placeholders = new Set(JSON.stringify(reasonWords).match(/(?<=\{)\w+(?=\})/g));
    expect([...placeholders].filter((name) => !isSet(name))).toEqual([]);
  });

  test("is written by terminals doctor --script for the list of a file", async () => {
    await using folder = await temporaryFolder();
    writeFileSync(folder.file("endpoints.json"), JSON.stringify(list));
    const args = [
      "--endpoints",
      folder.file("endpoints.json"),
      "--script",
      folder.file("terminal-doctor.ps1"),
    ];
    const result = await runInProcess(["doctor", ...args]);
    expect(result.code, result.stderr).toBe(0);
    // Reading the list puts its members into the order of the schema.
    const read = endpointList.parse(list);
    expect(readFileSync(folder.file("terminal-doctor.ps1"), "utf8")).toBe(renderScript(read));
  });
});
