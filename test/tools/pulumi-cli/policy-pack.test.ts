import { expect, test } from "vitest";
import { withPolicyPack } from "../../../tools/pulumi-cli/policy-pack.ts";

const policyPack = "/project/policies";
const withPack = ["--policy-pack", policyPack];

test.each([
  [["up"], ["up", ...withPack]],
  [
    ["up", "--stack", "dev", "--yes"],
    ["up", ...withPack, "--stack", "dev", "--yes"],
  ],
  [["update"], ["update", ...withPack]],
  [
    ["preview", "--json"],
    ["preview", ...withPack, "--json"],
  ],
  [["pre"], ["pre", ...withPack]],
  [["watch"], ["watch", ...withPack]],
  [
    ["--cwd", "up", "--non-interactive", "--color=never", "up"],
    ["--cwd", "up", "--non-interactive", "--color=never", "up", ...withPack],
  ],
])("%j gets the project's policy pack", (args, expected) => {
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
])("%j stays unchanged", (args) => {
  expect(withPolicyPack(args, policyPack)).toEqual(args);
});

test.each([[["up", "--policy-pack-config", "off.json"]], [["preview", "--policy-pack-config=off.json"]]])(
  "%j is rejected: it would switch off rules of the project's policy pack",
  (args) => {
    expect(() => withPolicyPack(args, policyPack)).toThrow(/--policy-pack-config is not allowed/);
  },
);
