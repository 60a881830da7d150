import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { readSeed } from "../../../sandbox/seed/read-seed.ts";
import { seedJsonSchema } from "../../../sandbox/seed/seed-schema.ts";
import { projectRoot } from "../../support/project-root.ts";

test.each([
  [
    "hubs:\n  - name: a\n    devices:\n      - id: d\n        status: off\n",
    "line 5: hubs[0].devices[0].status must be enabled or disabled. Change it.",
  ],
  [
    "hubs:\n  - name: a\n    device: []\n",
    "line 3: hubs[0].device does not exist. Did you mean devices? Remove it, or use one of: name, location, sku, units, properties, devices.",
  ],
  [
    "printers: []\n",
    "line 1: printers does not exist. Remove it, or use one of: $schema, resourceGroup, location, hubs, accounts, apis, roles.",
  ],
  ["hubs:\n  - sku: S1\n", "line 2: hubs[0].name is missing. Add it."],
  ["hubs:\n  - name: 3\n", "line 2: hubs[0].name must be of type string. Change it."],
  ["- a\n", "line 1: The file must be of type object. Change it."],
  ["hubs: [\n", "line 2: not valid YAML: "],
  ["hubs: []\nhubs: []\n", "line 2: not valid YAML: Map keys must be unique"],
])("the seed file %j is refused with its line and the remedy", (text, message) => {
  expect(() => readSeed(text, "seed.yaml")).toThrow(`seed.yaml, ${message}`);
});

test("every problem of a seed file is reported, a line each", () => {
  expect(() => readSeed("location: 1\nhub: []\n", "s.yaml")).toThrow(
    /^s\.yaml, line 1: location must be of type string\. Change it\.\ns\.yaml, line 2: hub does not exist\./,
  );
});

test("an empty file asks for nothing but its resource group", () => {
  expect(readSeed("", "s.yaml").seed).toEqual({
    resourceGroup: "seed",
    location: "westeurope",
    hubs: [],
    accounts: [],
    apis: [],
    roles: [],
  });
});

test("the JSON schema accepts what the sandbox accepts, and refuses what it refuses", () => {
  const validate = new Ajv2020({ strict: false }).compile(seedJsonSchema());
  expect(validate({ hubs: [{ name: "a", devices: [{ id: "d", status: "disabled" }] }] })).toBe(true);
  expect(validate({})).toBe(true);
  expect(validate({ hubs: [{ name: "a", devices: [{ id: "d", status: "off" }] }] })).toBe(false);
  expect(validate({ hub: [] })).toBe(false);
});

test("docs/reference/seed.schema.json is the schema of this version", async () => {
  const file = join(projectRoot, "docs", "reference", "seed.schema.json");
  await expect(`${JSON.stringify(seedJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});
