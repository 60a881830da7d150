import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../../cli/network/sheet/pdf/find-chromium.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleOutputs } from "../examples.ts";
import { jsonLines, runInProcess } from "../run-cli.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let stack: string[];
beforeAll(async () => {
  folder = await temporaryFolder();
  writeFileSync(folder.file("outputs.json"), JSON.stringify(exampleOutputs));
  stack = ["--outputs", folder.file("outputs.json"), "--customer", "example-customer"];
});
afterAll(() => folder?.[Symbol.asyncDispose]());

const message = (result: Awaited<ReturnType<typeof runInProcess>>) =>
  String(jsonLines(result).at(-1)?.message);

describe("`endpoints`", () => {
  test("writes the list to a file, and to standard output without one", async () => {
    const file = folder.file("endpoints.json");
    const written = await runInProcess(["endpoints", ...stack, "--out", file]);
    expect([written.code, written.stdout]).toEqual([0, ""]);
    expect(written.stderr).toMatch(/^The list of \d+ destinations is /);
    const list = JSON.parse(readFileSync(file, "utf8"));
    expect(list).toMatchObject({ version: 1, environment: "dev", customer: "example-customer" });
    const printed = await runInProcess(["endpoints", ...stack]);
    expect(JSON.parse(printed.stdout).destinations).toEqual(list.destinations);
  });

  test("names what changed since an older list, for people and with --json", async () => {
    const older = folder.file("older.json");
    await runInProcess(["endpoints", ...stack, "--out", older]);
    const list = JSON.parse(readFileSync(older, "utf8"));
    list.destinations[0].host = "old.azure-devices.net";
    writeFileSync(older, JSON.stringify(list));
    const norwegian = await runInProcess([
      "--lang",
      "no",
      "endpoints",
      ...stack,
      "--since",
      older,
      "--out",
      older,
    ]);
    expect(norwegian.stdout).toMatch(/^ {4}[Vv]ert\S*: old\.azure-devices\.net -> example/m);
    writeFileSync(older, JSON.stringify(list));
    const out = folder.file("newer.json");
    const people = await runInProcess(["endpoints", ...stack, "--since", older, "--out", out]);
    expect(people.stdout).toBe(
      "~ iot-hub: example.azure-devices.net\n    host: old.azure-devices.net -> example.azure-devices.net\n",
    );
    const lines = jsonLines(await runInProcess(["endpoints", ...stack, "--since", older, "--json"]));
    expect(lines.map(({ type }) => type)).toEqual(["endpoints", "change", "summary"]);
    expect(lines[1]).toMatchObject({ change: "changed", id: "iot-hub", fields: ["host"] });
    expect(lines[2]).toMatchObject({ changes: 1 });
  });

  test("refuses a file that is no list, one of a newer version, and one of another customer", async () => {
    const file = folder.file("wrong.json");
    const since = async (content: object) => {
      writeFileSync(file, JSON.stringify(content));
      const result = await runInProcess(["endpoints", ...stack, "--since", file, "--json"]);
      expect(result.code).toBe(2);
      return message(result);
    };
    expect(await since({ version: 1 })).toContain("is not a list of destinations");
    expect(await since({ version: 2 })).toContain("is a list of version 2; this program reads version 1");
    const list = JSON.parse((await runInProcess(["endpoints", ...stack])).stdout);
    expect(await since({ ...list, customer: "other" })).toContain("is the list of customer other");
    expect(await since({ ...list, environment: "prod" })).toContain("is a list of prod, not of dev");
  });
});

describe("`sheet`", () => {
  test.each([
    ["html", /^<!doctype html>\n<html lang="nb">/],
    ["md", /^# Terminaler – teknisk informasjon\n/],
    ["json", /^\{\n {2}"version": 1,\n {2}"language": "no",/],
    ["csv", /^\uFEFFid;service;host;/],
  ])("writes %s in Norwegian", async (format, start) => {
    const file = folder.file(`sheet.${format}`);
    const args = ["sheet", ...stack, "--lang", "no", "--format", format, "--out", file];
    const { code, stderr } = await runInProcess(args);
    expect(code, stderr).toBe(0);
    expect(readFileSync(file, "utf8")).toMatch(start);
  });

  test("writes English to standard output, and with --json the language of --lang", async () => {
    const { stdout } = await runInProcess(["sheet", ...stack, "--lang", "en", "--format", "md"]);
    expect(stdout).toMatch(/^# T&A terminals – technical information\n/);
    const json = await runInProcess(["sheet", ...stack, "--lang", "no", "--format", "md", "--json"]);
    expect(jsonLines(json)).toMatchObject([{ type: "sheet", format: "md", language: "no", file: null }]);
  });

  test("shows the addresses of Microsoft's file with its day, and refuses another file", async () => {
    const file = folder.file("ServiceTags_Public_20261221.json");
    const tag = (name: string, addressPrefixes: string[]) => ({ name, properties: { addressPrefixes } });
    const values = [tag("AzureIoTHub.WestEurope", ["192.0.2.0/24", "2001:db8::/64"])];
    const write = (content: object) => writeFileSync(file, JSON.stringify(content));
    write({ changeNumber: 7, cloud: "Public", values });
    const args = ["sheet", ...stack, "--lang", "en", "--format", "md", "--service-tags", file];
    const { stdout } = await runInProcess(args);
    expect(stdout).toContain("Microsoft's file of 2026-12-21, change number 7");
    expect(stdout).toContain("| `AzureIoTHub.WestEurope` | IoT Hub | 2 ranges, 256 IPv4 addresses |");
    // A browser adds a number to the second download of a file.
    const old = folder.file("ServiceTags_Public_20200106 (1).json");
    writeFileSync(old, JSON.stringify({ changeNumber: 8, cloud: "Public", values }));
    const outdated = await runInProcess([...args.slice(0, -1), old]);
    expect(outdated.stdout).toMatch(/The file of 2020-01-06 is \d{4} days older than this sheet/);
    expect(stdout).not.toContain("older than this sheet");
    const refused = async (content: object) => {
      write(content);
      const result = await runInProcess([...args, "--json"]);
      expect(result.code).toBe(2);
      return message(result);
    };
    expect(await refused({ changeNumber: 7, cloud: "China", values })).toContain("is of the cloud China");
    expect(await refused({ values: [] })).toContain("has no changeNumber, cloud and values");
    const bad = [tag("Storage.WestEurope", ["10.0.0.0/64"])];
    expect(await refused({ changeNumber: 7, cloud: "Public", values: bad })).toContain(
      "10.0.0.0/64 is no range",
    );
  });

  test("refuses a PDF without a file, and one without a browser, with the remedy", async () => {
    const pdf = ["sheet", ...stack, "--format", "pdf", "--json"];
    expect(message(await runInProcess(pdf))).toBe("a PDF needs a file: --out FILE");
    const env = { CHROMIUM_PATH: folder.file("no-browser") };
    const result = await runInProcess([...pdf, "--out", folder.file("a.pdf")], { env });
    expect(result.code).toBe(2);
    expect(message(result)).toContain("which is not a program");
  });
});

describe("the browser for a PDF", () => {
  test("is CHROMIUM_PATH, else the first on PATH; without one the error names the remedy", () => {
    const bin = folder.file("bin");
    mkdirSync(bin);
    for (const name of ["google-chrome", "my-chromium"]) {
      writeFileSync(folder.file(`bin/${name}`), "#!/bin/sh\n");
      chmodSync(folder.file(`bin/${name}`), 0o755);
    }
    const chosen = folder.file("bin/my-chromium");
    expect(findChromium({ PATH: bin, CHROMIUM_PATH: chosen }, "linux")).toBe(chosen);
    expect(findChromium({ PATH: bin }, "linux")).toBe(folder.file("bin/google-chrome"));
    expect(() => findChromium({ PATH: "" }, "win32")).toThrow("a PDF needs Chromium, Chrome or Edge");
    expect(findChromium({ "PROGRAMFILES(X86)": makeEdge() }, "win32")).toMatch(/msedge\.exe$/);
  });

  function makeEdge(): string {
    const root = folder.file("programs");
    const place = folder.file("programs/Microsoft/Edge/Application");
    mkdirSync(place, { recursive: true });
    writeFileSync(`${place}/msedge.exe`, "");
    chmodSync(`${place}/msedge.exe`, 0o755);
    return root;
  }
});
