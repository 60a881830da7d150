import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { createFile, openReadWrite } from "../../../cli/lib/fsync.ts";
import type { OperatorError } from "../../../cli/lib/operator-error.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { temporaryFolder } from "../../support/folder.ts";

const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;

async function withPlace(
  work: (place: { path: string; file(name: string): string; victim: string }) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  const victim = folder.file("victim.txt");
  writeFileSync(victim, "precious");
  await work({ path: folder.path, file: (name) => folder.file(name), victim });
  expect(readFileSync(victim, "utf8")).toBe("precious");
}

/** The error with which a folder for bundles is refused; undefined when it is accepted. */
const refusal = (path: string): Promise<OperatorError | undefined> =>
  new BundleFolder(path).prepare().then(
    () => undefined,
    (error) => error,
  );

describe.skipIf(isWindows)("a credential bundle", () => {
  test.each(["symbolic", "hard"])("is not written through a %s link with its temporary name", (kind) =>
    withPlace(async ({ file, victim }) => {
      const folder = new BundleFolder(file("out"));
      await folder.prepare();
      (kind === "hard" ? linkSync : symlinkSync)(victim, file("out/.example-001.age.partial"));
      await folder.stage("example-001", Buffer.from("sealed"));
      await folder.publish(["example-001"]);
      expect(lstatSync(folder.file("example-001")).isFile()).toBe(true);
      expect(readFileSync(folder.file("example-001"), "utf8")).toBe("sealed");
      expect(statSync(folder.file("example-001")).mode & 0o777).toBe(0o600);
    }),
  );

  test.each(["symbolic", "hard"])("replaces a %s link with its own name, and not what it leads to", (kind) =>
    withPlace(async ({ file, victim }) => {
      const folder = new BundleFolder(file("out"));
      await folder.prepare();
      (kind === "hard" ? linkSync : symlinkSync)(victim, folder.file("example-001"));
      await folder.stage("example-001", Buffer.from("sealed"));
      await folder.publish(["example-001"]);
      expect(lstatSync(folder.file("example-001")).isFile()).toBe(true);
    }),
  );

  test("that is a link counts neither as an existing bundle nor as a staged one", () =>
    withPlace(async ({ file, victim }) => {
      const folder = new BundleFolder(file("out"));
      await folder.prepare();
      symlinkSync(victim, folder.file("example-001"));
      symlinkSync(victim, file("out/.example-002.age.partial"));
      await expect(folder.digest("example-001")).rejects.toThrow(/example-001\.age is a link/);
      await expect(folder.publishStaged("example-002", "any")).rejects.toThrow(/is a link/);
    }));

  test("is not written when the folder was replaced by another one after the check", () =>
    withPlace(async ({ file }) => {
      const folder = new BundleFolder(file("out"));
      await folder.prepare();
      renameSync(file("out"), file("moved"));
      mkdirSync(file("elsewhere"));
      symlinkSync(file("elsewhere"), file("out"));
      await expect(folder.stage("example-001", Buffer.from("sealed"))).rejects.toThrow(/was replaced/);
      expect(readdirSync(file("elsewhere"))).toEqual([]);
    }));
});

describe.skipIf(isWindows)("a folder for credential bundles", () => {
  test("that is a link is refused, also with a slash at its end and a dot", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("elsewhere"));
      symlinkSync(file("elsewhere"), file("out"));
      for (const path of [file("out"), `${file("out")}/`, `${file("out")}/.`]) {
        const error = await refusal(path);
        expect(error?.message, path).toMatch(/out\S* is a link to .*elsewhere$/);
        expect(error?.outcome).toBe("usage");
      }
      expect(readdirSync(file("elsewhere"))).toEqual([]);
    }));

  test("below a link of this account is accepted: the link is as trustworthy as the account", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("elsewhere"));
      symlinkSync(file("elsewhere"), file("way"));
      expect(await refusal(file("way/out"))).toBeUndefined();
      expect(readdirSync(file("elsewhere"))).toEqual(["out"]);
    }));

  test.each([0o777, 0o770, 0o775, 0o702])(
    "with the mode %o is refused with the command that corrects it",
    (mode) =>
      withPlace(async ({ file }) => {
        mkdirSync(file("out"));
        chmodSync(file("out"), mode);
        const error = await refusal(file("out"));
        expect(error?.message).toMatch(/out can be written by (every account|other accounts of its group)/);
        expect(error?.remedy).toContain(`chmod go-w ${file("out")}`);
        expect(readdirSync(file("out"))).toEqual([]);
        // The remedy is followed.
        chmodSync(file("out"), statSync(file("out")).mode & ~0o022);
        expect(await refusal(file("out"))).toBeUndefined();
      }),
  );

  test("below a folder that every account can write is refused, and nothing is created", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("shared"));
      chmodSync(file("shared"), 0o777);
      expect((await refusal(file("shared/mine/out")))?.message).toContain(`${file("shared")} can be written`);
      expect(existsSync(file("shared/mine"))).toBe(false);
      symlinkSync(file("shared"), file("way"));
      expect((await refusal(file("way/out")))?.message).toContain(`${file("shared")} can be written`);
    }));

  test("below a folder in which accounts cannot rename each other's files (sticky) is accepted", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("tmp"));
      chmodSync(file("tmp"), 0o1777);
      expect(await refusal(file("tmp/out"))).toBeUndefined();
      expect(statSync(file("tmp/out")).mode & 0o777).toBe(0o700);
    }));

  test.skipIf(!isRoot)("of another account, or below a link of another account, is refused", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("theirs"), { mode: 0o700 });
      chownSync(file("theirs"), 65534, 65534);
      expect((await refusal(file("theirs")))?.message).toContain("belongs to another account");
    }),
  );

  test("that is refused is refused in a dry run too", () =>
    withPlace(async ({ file }) => {
      mkdirSync(file("out"));
      chmodSync(file("out"), 0o777);
      await expect(new BundleFolder(file("out")).expectReadable()).rejects.toThrow(/can be written by/);
    }));
});

describe.skipIf(isWindows)("other files", () => {
  test.each(["symbolic", "hard"])("a journal is not opened through a %s link", (kind) =>
    withPlace(async ({ file, victim }) => {
      (kind === "hard" ? linkSync : symlinkSync)(victim, file("batch.csv.hub.journal"));
      await expect(Journal.open(file("batch.csv.hub.journal"))).rejects.toThrow(/is a link/);
    }),
  );

  test.each(["precious", '{"name":"x"}', "a\nb"])(
    "a journal that is another file (%j) is not shortened",
    (content) =>
      withPlace(async ({ file }) => {
        writeFileSync(file("journal"), content);
        await expect(Journal.open(file("journal"))).rejects.toThrow(/line 1 is damaged/);
        expect(readFileSync(file("journal"), "utf8")).toBe(content);
      }),
  );

  test("a journal whose first entry is incomplete, or zero bytes after a power cut, is opened", () =>
    withPlace(async ({ file }) => {
      for (const content of ["", '{"ter', '{"terminal":"a', "\0\0\0"]) {
        writeFileSync(file("journal"), content);
        await (await Journal.open(file("journal"))).close();
        expect(statSync(file("journal")).size).toBe(0);
      }
    }));

  test.each(["symbolic", "hard"])("createFile and openReadWrite do not write through a %s link", (kind) =>
    withPlace(async ({ file, victim }) => {
      (kind === "hard" ? linkSync : symlinkSync)(victim, file("link"));
      await expect(openReadWrite(file("link"))).rejects.toThrow(/is a link/);
      await using created = await createFile(file("link"));
      await created.writeFile("new");
      expect(lstatSync(join(file("link"))).isFile()).toBe(true);
    }),
  );
});
