import type { DefinitionNotJudged } from "../definition.ts";

/** The definition that reports what another one would change. */
const twinOf = (id: string): string => `It changes what ${id} reports, which is judged.`;
const otherDestination =
  "It sends logs to an event hub or a storage account. The design has one destination, the log workspace, which is judged.";
const sandboxOnly = "It is for subscriptions without any resource that costs money.";
const onlyDeployed =
  "It reads an assessment that Defender for Cloud makes of a deployed service. No template declares one.";
const noTag = "It backs up accounts that have a tag of the tenant's choice. 4510daf9 is judged.";
const signIn = "It is about the person who deploys, and not about a resource.";
const tenantTags =
  "It is about tags or values of the tenant's choice. 871b6d14 and 96670d01 judge the required tags.";

const list = (reason: string, ...definitions: [id: string, version: string][]): DefinitionNotJudged[] =>
  definitions.map(([id, version]) => ({ id, version, reason }));

/** Built-in definitions for the declared types that are not evaluated, by the first group of their GUIDs. */
export const definitionsNotJudged: DefinitionNotJudged[] = [
  ...list(twinOf("ffe25541"), ["1b0d74ac", "1.1.0"]),
  ...list(twinOf("df73bd95"), ["7ca8c8ac", "1.1.0"]),
  ...list(twinOf("0d40b058"), ["bf684997", "1.0.0"]),
  ...list(twinOf("672d56b3"), ["9f8ba900", "1.0.0"]),
  ...list(twinOf("2d6830fb"), ["114eec6e", "1.0.0"]),
  ...list(twinOf("6c53d030"), ["d3ba9c42", "1.1.0"]),
  ...list(twinOf("4fa4b6c0"), ["13502221", "1.0.0"]),
  ...list(twinOf("c36a325b"), ["978deb5d", "1.0.0"]),
  ...list(twinOf("6edd7eda"), ["9f766f00", "1.0.0"]),
  ...list(twinOf("404c3081"), ["f81e3117", "1.0.0"]),
  ...list(twinOf("b2982f36"), ["a06d0189", "1.0.1"]),
  ...list(twinOf("7809fda1"), ["41a72361", "1.0.0"]),
  ...list(
    otherDestination,
    ["3a8ff864", "1.2.0"],
    ["dfbfceaa", "1.2.0"],
    ["a853abad", "1.2.0"],
    ["6f3f5778", "1.1.0"],
    ["94d707a8", "1.1.0"],
    ["fe85de62", "1.1.0"],
  ),
  ...list(onlyDeployed, ["8ac833bd", "1.0.1"], ["c8acafaf", "1.0.1"]),
  ...list(noTag, ["615b01c4", "2.0.0-preview"], ["958dbd4e", "2.0.0-preview"]),
  ...list(sandboxOnly, ["16fabb5c", "1.0.0"]),
  ...list(signIn, ["4e6c27d5", "1.1.0"], ["db4a9d17", "1.1.0"]),
  ...list(
    tenantTags,
    ["8ce3da23", "1.0.0"],
    ["1e30110a", "1.0.1"],
    ["d157c373", "1.0.0"],
    ["726aca4c", "1.0.0"],
    ["49c88fc8", "1.0.0"],
    ["5ffd78d9", "1.0.0"],
    ["4f9dc7db", "1.0.0"],
    ["2a0e14a6", "1.0.1"],
    ["b27a0cbd", "1.0.0"],
    ["cd3aa116", "1.0.0"],
    ["40df99da", "1.0.0"],
    ["ea3f2387", "1.0.0"],
    ["9ea02ca2", "1.0.0"],
  ),
];
