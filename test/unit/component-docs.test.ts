import { expect, test } from "vitest";
import {
  argumentNames,
  componentSources,
  declaredComponents,
  interfaceMembers,
  parseSource,
} from "./declared-components.ts";

const sources = componentSources();

test("every argument of every component has a doc comment", () => {
  const members = sources.map(interfaceMembers);
  expect(members.flatMap(({ undocumented }) => undocumented)).toEqual([]);
  expect(members.flatMap(({ all }) => all).length).toBeGreaterThan(100);
});

test("an argument without a doc comment is reported, also in a nested object", () => {
  const source = parseSource(
    "example.ts",
    `export interface ExampleArgs {
      /** Region. */
      location: string;
      // Not a doc comment.
      units: number;
      /** Publisher. */
      publisher: {
        name: string;
        /** Address. */
        email: string;
      };
      /** @default 1 */
      copies?: number;
    }
    interface Internal { value: string }`,
  );
  expect(interfaceMembers(source).undocumented).toEqual([
    "example.ts: ExampleArgs.units",
    "example.ts: ExampleArgs.publisher.name",
    "example.ts: ExampleArgs.copies",
  ]);
});

test("every component has a description and an example with exactly its arguments", () => {
  const components = sources.flatMap(declaredComponents);
  expect(components.map(({ name }) => name).sort()).toEqual([
    "Alerts",
    "AuditLog",
    "AvailabilityTest",
    "FileStorage",
    "FlowIngress",
    "ImportStorage",
    "KeyTable",
    "Names",
    "Observability",
    "Operators",
    "TerminalHub",
  ]);
  for (const { name, description, exampleArguments } of components) {
    const { required, all } = argumentNames(sources, `${name}Args`);
    expect(description, `description of ${name}`).not.toBe("");
    expect(exampleArguments, `example of ${name}`).toEqual(expect.arrayContaining(required));
    expect(all, `arguments of ${name}`).toEqual(expect.arrayContaining(exampleArguments ?? []));
  }
});
