import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seconds } from "./longest-first.ts";
import { projectRoot } from "./project-root.ts";

test("every file that is started early exists", () => {
  const missing = Object.keys(seconds).filter((file) => !existsSync(join(projectRoot, file)));
  expect(missing).toEqual([]);
});
