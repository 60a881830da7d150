import { parse } from "csv-parse/sync";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { renderCsv } from "../../../cli/network/rules/csv.ts";
import { groupRows } from "../../../cli/network/rules/rule-groups.ts";
import { createRules } from "../../../cli/network/rules/rule-set.ts";
import { exampleList } from "./sheet-inputs.ts";

const rules = createRules(exampleList, "en");
const textOf = (id: string): string => {
  const found = rules.find((rule) => rule.id === id);
  if (!found) throw new Error(`There are no rules ${id}.`);
  return found.text;
};
/** Hosts that a rule can have: those of the list, without DNS and without names with "*" in a label. */
const hosts = exampleList.destinations.flatMap(({ host }) =>
  host === null || /^\w+\*/.test(host) ? [] : host,
);
const plain = hosts.filter((host) => !host.startsWith("*"));
/** Host names in a text. */
const hostsIn = (text: string) =>
  new Set(
    text.match(/\*?\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.(net|com)\b/g)?.map((host) => host.replace(/^\./, "")),
  );

describe("the groups of rows", () => {
  test("hold each host with a rule once, by its ports", () => {
    const groups = groupRows(exampleList);
    expect(groups.map(({ name }) => name)).toEqual([
      "TERMINAL-TCP-443",
      "TERMINAL-UDP-123",
      "TERMINAL-TCP-80",
      "TERMINAL-TEAMVIEWER",
    ]);
    expect(groups.flatMap((group) => group.hosts.map(({ host }) => host)).sort()).toEqual([...hosts].sort());
    const objects = groups.flatMap((group) => group.hosts.map(({ object }) => object));
    expect(new Set(objects).size).toBe(objects.length);
    for (const object of objects) expect(object).toMatch(/^[A-Za-z0-9-]{1,31}$/);
  });
});

describe("ready rules", () => {
  test("say what they were tried with, or what was checked in its place", () => {
    for (const { triedWith, checked, note, source } of rules) {
      expect(triedWith ?? checked).toMatchObject({ en: /\w/.source && expect.any(String) });
      expect((triedWith ?? checked).en).not.toBe((triedWith ?? checked).no);
      expect(note.en).not.toBe(note.no);
      expect(source).toMatch(/^https:\/\//);
    }
    expect(rules.filter(({ triedWith }) => triedWith).map(({ id }) => id)).toEqual(["csv"]);
  });

  test.each([
    ["windows-firewall", hosts],
    ["fortigate", hosts],
    ["palo-alto", plain],
    ["pfsense", hosts],
    ["azure-firewall", hosts],
  ])("of %s name exactly the hosts of the list", (id, expected) => {
    expect([...hostsIn(textOf(id))].sort()).toEqual([...expected].sort());
  });

  test("of Check Point name each host as a domain object, with its sub-domains only for a whole domain", () => {
    const objects = [
      ...textOf("check-point").matchAll(/add dns-domain name "\.([^"]+)" is-sub-domain (\w+)/g),
    ];
    const expected = hosts.map((host) => [host.replace(/^\*\./, ""), String(host.startsWith("*"))]);
    expect(objects.map(([, host, isDomain]) => [host, isDomain]).sort()).toEqual(expected.sort());
  });

  test("of Windows open every port of the list, DNS included, and no other", () => {
    const opened = [...textOf("windows-firewall").matchAll(/-Protocol (\w+) -RemotePort (\d+)/g)];
    expect(opened.map(([, protocol, port]) => `${protocol} ${port}`).sort()).toEqual(
      ["TCP 443", "TCP 53", "TCP 5938", "TCP 80", "UDP 123", "UDP 53", "UDP 5938"].sort(),
    );
  });

  test("of FortiGate use only objects that they define", () => {
    const text = textOf("fortigate");
    const defined = new Set([...text.matchAll(/^ {4}edit "([^"]+)"/gm)].map(([, name]) => name));
    const used = [...text.matchAll(/set (?:member|service|dstaddr) (.*)$/gm)].flatMap(([, names = ""]) =>
      [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name),
    );
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !defined.has(name))).toEqual([]);
    expect(text.match(/^config /gm)?.length).toBe(text.match(/^end$/gm)?.length);
  });

  test("of Palo Alto use only objects that they define", () => {
    const text = textOf("palo-alto");
    const defined = new Set([...text.matchAll(/^set (?:address|service) (\S+)/gm)].map(([, name]) => name));
    const used = [...text.matchAll(/(?:destination|service) \[ ([^\]]+) \]/g)].flatMap(([, names = ""]) =>
      names.trim().split(" "),
    );
    expect(used.length).toBeGreaterThan(15);
    expect(used.filter((name) => !defined.has(name))).toEqual([]);
  });

  test("of pfSense are XML with names that pfSense accepts", () => {
    const xml = `<aliases>${textOf("pfsense")}</aliases>`;
    expect(XMLValidator.validate(xml)).toBe(true);
    const { aliases } = new XMLParser({ parseTagValue: false }).parse(xml);
    for (const { name, type, address, detail } of aliases.alias) {
      expect(name).toMatch(/^\w{1,31}$/);
      expect(["host", "port"]).toContain(type);
      expect(detail.split("||").length).toBe(address.split(" ").length);
    }
  });

  test("of Azure Firewall are application rules for HTTP and HTTPS, and network rules for the rest", () => {
    const { ruleCollections } = JSON.parse(textOf("azure-firewall"));
    const [network, application] = ruleCollections;
    expect(
      network.rules.map(({ destinationPorts }: { destinationPorts: string[] }) => destinationPorts),
    ).toEqual([["123"]]);
    const targets = application.rules.flatMap(({ targetFqdns }: { targetFqdns: string[] }) => targetFqdns);
    expect(targets.sort()).toEqual(hosts.filter((host) => host !== "time.windows.com").sort());
    for (const rule of application.rules) expect(rule.terminateTLS).toBe(false);
  });
});

test.each([
  ["no", ";"],
  ["en", ","],
] as const)("the CSV in %s has one line for each port, as a CSV reader reads it", (language, delimiter) => {
  const text = renderCsv(exampleList, language);
  const rows: Record<string, string>[] = parse(text, { delimiter, columns: true, bom: true });
  const expected = exampleList.destinations.flatMap((row) =>
    row.ports.map(({ protocol, number }, index) => [
      row.id,
      row.host ?? "",
      protocol,
      String(number),
      String(index + 1),
      row.purpose[language],
    ]),
  );
  expect(
    rows.map(({ id, host, protocol, port, order, purpose }) => [id, host, protocol, port, order, purpose]),
  ).toEqual(expected);
});
