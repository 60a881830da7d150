import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The stack that `prepareStack` created or renewed last in a folder; undefined without one. */
export function findNewestStack(dir: string): string | undefined {
  const stacks = readdirSync(dir).flatMap((file) => {
    const [, name] = /^Pulumi\.(.+)\.yaml$/.exec(file) ?? [];
    return name === undefined ? [] : [{ name, writtenAt: statSync(join(dir, file)).mtimeMs }];
  });
  return stacks.sort((a, b) => b.writtenAt - a.writtenAt)[0]?.name;
}
