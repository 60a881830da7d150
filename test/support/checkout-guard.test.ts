import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { watchCheckout } from "./checkout-guard.ts";
import { temporaryFolder } from "./folder.ts";

test("names each untracked file that was created, changed or deleted, also where Git ignores it", async () => {
  await using folder = await temporaryFolder();
  execFileSync("git", ["init", "--quiet"], { cwd: folder.path });
  for (const name of ["node_modules", ".demo"]) mkdirSync(folder.file(name));
  writeFileSync(folder.file(".gitignore"), ".demo/\n");
  for (const name of [".demo/changed", ".demo/deleted", "untouched"]) writeFileSync(folder.file(name), "");
  const changes = watchCheckout(folder.path);
  expect(changes()).toEqual([]);
  writeFileSync(folder.file(".demo/changed"), "longer");
  rmSync(folder.file(".demo/deleted"));
  for (const name of [".demo/created", "created", "node_modules/cache"]) writeFileSync(folder.file(name), "");
  expect(changes()).toEqual([".demo/changed", ".demo/created", ".demo/deleted", "created"]);
});
