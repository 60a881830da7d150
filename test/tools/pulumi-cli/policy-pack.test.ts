import { expect, test } from "vitest";
import { withPolicyPack } from "../../../tools/pulumi-cli/policy-pack.ts";

const policyPack = "/project/policies";
const judged = ["--policy-pack", policyPack];

test.each([
  [["up"], ["up", ...judged]],
  [
    ["up", "--stack", "dev", "--yes"],
    ["up", ...judged, "--stack", "dev", "--yes"],
  ],
  [["update"], ["update", ...judged]],
  [
    ["preview", "--json"],
    ["preview", ...judged, "--json"],
  ],
  [["pre"], ["pre", ...judged]],
  [["watch"], ["watch", ...judged]],
  [
    ["--cwd", "up", "--non-interactive", "--color=never", "up"],
    ["--cwd", "up", "--non-interactive", "--color=never", "up", ...judged],
  ],
])("%j is judged by the project's pack", (args, expected) => {
  expect(withPolicyPack(args, policyPack)).toEqual(expected);
});

test.each([
  [["up", "--policy-pack", "mine"]],
  [["up", "--policy-pack", "mine", "--policy-pack-config", "mine.json"]],
  [["--policy-pack=mine", "preview"]],
  [["destroy", "--stack", "up"]],
  [["refresh"]],
  [["stack", "output", "preview"]],
  [["config", "set", "up", "1"]],
  [["--cwd", "up"]],
  [["--version"]],
  [[]],
])("%j is left as it is", (args) => {
  expect(withPolicyPack(args, policyPack)).toEqual(args);
});

test.each([[["up", "--policy-pack-config", "off.json"]], [["preview", "--policy-pack-config=off.json"]]])(
  "%j would turn rules of the project's pack off, and is refused",
  (args) => {
    expect(() => withPolicyPack(args, policyPack)).toThrow(/no --policy-pack-config/);
  },
);
