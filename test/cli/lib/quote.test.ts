import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inShell, quote } from "../../../cli/lib/quote.ts";
import { temporaryFolder } from "../../support/folder.ts";

const hostile = [
  '"; touch pwned; "',
  "'; touch pwned; '",
  "$(touch pwned)",
  "`touch pwned`",
  "a && touch pwned",
  "a | touch pwned > pwned",
  "-n; touch pwned",
  "~root",
  "*",
  "a\\' touch pwned",
  "Example operators",
];

/** Shells of this computer that run POSIX commands. */
const shells = ["sh", "bash", "dash", "zsh", "busybox"].filter(
  (shell) => spawnSync(shell, shell === "busybox" ? ["sh", "-c", "true"] : ["-c", "true"]).status === 0,
);

/** The arguments that a shell passes for a pasted command. */
function argumentsOf(shell: string, words: string, cwd: string): string[] {
  const args = shell === "busybox" ? ["sh"] : [];
  const print = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
  const line = `${process.execPath} -e '${print}' -- ${words}`;
  return JSON.parse(execFileSync(shell, [...args, "-c", line], { cwd, encoding: "utf8" })) as string[];
}

describe.skipIf(process.platform === "win32")("a value in a command to paste", () => {
  test.each(shells)("is one argument for %s, and nothing in it is run", async (shell) => {
    await using folder = await temporaryFolder();
    const words = hostile.map((value) => quote(value, "VALUE", "linux")).join(" ");
    expect(argumentsOf(shell, words, folder.path)).toEqual(hostile);
    expect(existsSync(folder.file("pwned"))).toBe(false);
  });

  test("is one argument, whatever printable characters it has", async () => {
    await using folder = await temporaryFolder();
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (values) => {
        const expected = values.map((value) =>
          quote(value, "VALUE", "linux") === "VALUE" ? "VALUE" : value,
        );
        const words = values.map((value) => quote(value, "VALUE", "linux")).join(" ");
        expect(argumentsOf("sh", words, folder.path)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});

describe("a quoted value", () => {
  test.each([
    ["a line break", "a\ntouch pwned"],
    ["an escape sequence", "\u001b[2Ja"],
    ["a direction mark", "a\u202eb"],
    ["nothing", ""],
  ])("with %s is replaced by its placeholder", (_what, value) => {
    expect(quote(value, "GROUP", "linux")).toBe("GROUP");
    expect(quote(value, "GROUP", "win32")).toBe("GROUP");
  });

  test("stays without quotes when every shell takes it as it is", () => {
    expect(quote("/subscriptions/a-b/resourceGroups/g", "ID", "linux")).toBe(
      "/subscriptions/a-b/resourceGroups/g",
    );
    expect(quote("example-001", "TERMINAL", "win32")).toBe("example-001");
  });

  test("for PowerShell has single quotes, and a placeholder where cmd.exe would evaluate it", () => {
    expect(quote("Example operators", "GROUP", "win32")).toBe("'Example operators'");
    for (const value of [
      "it's",
      "a&calc",
      "%PATH%",
      'a"b',
      "$(calc)",
      "`n",
      "’; calc; ’",
      "a|b",
      "a^b",
      "(a)",
    ]) {
      expect(quote(value, "GROUP", "win32"), value).toBe("GROUP");
    }
    expect([inShell("win32"), inShell("linux")]).toEqual([" in PowerShell", ""]);
  });
});
