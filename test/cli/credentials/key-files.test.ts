import { execFileSync, spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readIdentities, sealer } from "../../../cli/credentials/seal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleHandover, exampleOutputs } from "../examples.ts";
import { runInProcess } from "../run-cli.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let identity: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  writeFileSync(folder.file("a.age"), await sealer({ recipients })(exampleHandover()));
});
afterAll(() => folder?.[Symbol.asyncDispose]());

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const keyFile = () => `# created: 2025-11-24T12:00:00+01:00\r\n# public key: age1…\r\n${identity}\r\n`;

describe("an identity file", () => {
  test.each<[string, () => Uint8Array]>([
    ["UTF-8 with CR LF", () => Buffer.from(keyFile())],
    ["UTF-8 with a byte order mark", () => Buffer.from(`\ufeff${keyFile()}`)],
    [
      "UTF-16 little-endian with a byte order mark, of PowerShell's >",
      () => Buffer.from(`\ufeff${keyFile()}`, "utf16le"),
    ],
    ["UTF-16 big-endian with a byte order mark", () => utf16be(`\ufeff${keyFile()}`)],
    ["UTF-16 little-endian without a byte order mark", () => Buffer.from(keyFile(), "utf16le")],
    ["UTF-16 big-endian without a byte order mark", () => utf16be(keyFile())],
    ["UTF-16 with the key on its first line", () => Buffer.from(identity, "utf16le")],
    ["old Macintosh line ends", () => Buffer.from(keyFile().replaceAll("\r\n", "\r"))],
  ])("in %s opens a bundle", async (_encoding, content) => {
    writeFileSync(folder.file("key.txt"), content());
    const { code, stdout, stderr } = await runInProcess([
      "open",
      folder.file("a.age"),
      "--identity",
      folder.file("key.txt"),
    ]);
    expect(stderr).toBe("");
    expect([code, JSON.parse(stdout).terminalId]).toEqual([0, "example-001"]);
  });

  test.each([
    [
      "an OpenSSH key",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n",
      "SSH keys are not accepted",
    ],
    [
      "an RSA key",
      "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n",
      "SSH keys are not accepted",
    ],
    ["a plugin's key", "# yubikey\nAGE-PLUGIN-YUBIKEY-1QQQQQQQQ\n", "plugins are not accepted"],
    ["a public key", "age1qqqqqqqq\n", "which is a public key"],
    ["a sealed key", "-----BEGIN AGE ENCRYPTED FILE-----\nabc\n", "is itself sealed"],
    ["another text", "hunter2hunter2\n", "a key that is not an age identity"],
    ["comments only", "# nothing\n", "the identity file contains no key"],
  ])("with %s is rejected by the name of its kind, and not shown", async (_what, content, message) => {
    writeFileSync(folder.file("other.txt"), content);
    const { code, stderr } = await runInProcess([
      "open",
      folder.file("a.age"),
      "--identity",
      folder.file("other.txt"),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/abc|QQQQ|hunter2/);
  });

  const canCreate = spawnSync("ssh-keygen", ["-?"]).error === undefined;
  test.skipIf(!canCreate)(
    `created by ssh-keygen is rejected as an SSH key${canCreate ? "" : " (skipped: ssh-keygen is not installed)"}`,
    async () => {
      const key = folder.file("ssh");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
      const { stderr } = await runInProcess(["open", folder.file("a.age"), "--identity", key]);
      expect(stderr).toContain("SSH keys are not accepted");
    },
  );
});

describe("a recipient", () => {
  test("of a post-quantum key is accepted", async () => {
    const hybrid = await generateHybridIdentity();
    const seal = sealer({ recipients: [await identityToRecipient(hybrid)] });
    expect((await seal(exampleHandover())).length).toBeGreaterThan(1000);
    expect(readIdentities(hybrid)).toEqual([hybrid]);
  });

  test.each([
    ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI example", "SSH keys are not accepted"],
    ["ssh-rsa AAAAB3NzaC1yc2E", "SSH keys are not accepted"],
    ["ecdsa-sha2-nistp256 AAAA", "SSH keys are not accepted"],
    ["sk-ssh-ed25519@openssh.com AAAA", "SSH keys are not accepted"],
    ["AGE-PLUGIN-YUBIKEY-1QQQQ", "plugins are not accepted"],
    ["age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", "plugins are not accepted"],
    ["AGE-SECRET-KEY-1QQQQ", "is a private key"],
    ["hunter2hunter2", "is not an age recipient (age1…)"],
  ])("%s is rejected by the name of its kind", (recipient, message) => {
    expect(() => sealer({ recipients: [recipient] })).toThrow(message);
    try {
      sealer({ recipients: [recipient] });
    } catch (error) {
      expect((error as Error).message).not.toMatch(/hunter2|QQQQ/);
    }
  });
});

describe("a passphrase", () => {
  const bytes = (text: string) => Buffer.from(text, "latin1");
  beforeAll(async () => {
    const seal = sealer({ passphrase: "rød grød med fløde" });
    writeFileSync(folder.file("p.age"), await seal(exampleHandover()));
  });
  const openWith = (passphrase: Buffer) =>
    runInProcess(["open", folder.file("p.age")], { input: passphrase });

  test("in UTF-8 opens what it sealed, with each kind of line end", async () => {
    for (const end of ["", "\n", "\r\n", "\nsecond line"]) {
      const { code, stderr } = await openWith(Buffer.from(`rød grød med fløde${end}`));
      expect([code, stderr], JSON.stringify(end)).toEqual([0, ""]);
    }
  });

  test.each([
    ["in Windows-1252", bytes("r\u00f8d gr\u00f8d med fl\u00f8de\n")],
    ["with an invalid byte", bytes("correct horse \u00ff battery\n")],
    ["in UTF-16 with a byte order mark", Buffer.from("\ufeffcorrect horse battery\n", "utf16le")],
  ])("%s is rejected as not valid UTF-8", async (_what, input) => {
    const { code, stderr } = await openWith(input);
    expect([code, stderr]).toEqual([2, expect.stringContaining("the passphrase is not valid UTF-8")]);
  });

  test.each([
    ["white space", "              \n"],
    ["no-break spaces", `${"\u00a0".repeat(14)}\n`],
    ["a byte order mark", "\ufeff\n"],
    ["zero-width spaces", `${"\u200b".repeat(14)}\n`],
    ["control characters", `${"\u0001".repeat(14)}\n`],
    ["an empty line", "\n"],
  ])("of only %s is rejected as empty, when opening and when sealing", async (_what, text) => {
    const { code, stderr } = await openWith(Buffer.from(text));
    expect([code, stderr]).toEqual([2, expect.stringContaining("the passphrase is empty")]);
    expect(() => sealer({ passphrase: text.replace(/\n$/, "") })).toThrow("the passphrase is empty");
  });

  test.each([
    ["correct\u0000horse battery", "cannot be typed"],
    ["\ufeffcorrect horse battery", "cannot be typed"],
    ["correct horse \ufffd battery", "cannot be typed"],
    ["    short    ", "shorter than 12 characters"],
  ])("%j is rejected for sealing: %s", (passphrase, message) => {
    expect(() => sealer({ passphrase })).toThrow(message);
  });

  test("without an end is not read into memory", async () => {
    const { code, stderr } = await openWith(Buffer.alloc(8192, "a"));
    expect([code, stderr]).toEqual([2, "Error: the passphrase has more than 4096 bytes\n"]);
  });
});

describe("a file that is too large for its kind is rejected before it is in memory:", () => {
  const tooLarge = () => {
    writeFileSync(folder.file("large"), "");
    // Sparse: it takes no space on the disk, and reading it as a whole would need 100 GB of memory.
    truncateSync(folder.file("large"), 100 * 2 ** 30);
    return folder.file("large");
  };

  test.each<[string, (large: string) => string[]]>([
    ["a sealed credential bundle", (large) => ["open", large, "--identity", folder.file("key.txt")]],
    ["an age identity file", (large) => ["open", folder.file("a.age"), "--identity", large]],
    ["a file of stack outputs", (large) => ["status", "--outputs", large]],
    ["a sealed credential bundle", (large) => ["simulate", large, "--identity", folder.file("key.txt")]],
  ])("%s", async (kind, args) => {
    writeFileSync(folder.file("key.txt"), keyFile());
    const large = tooLarge();
    const { code, stderr } = await runInProcess(args(large));
    expect(code).toBe(2);
    expect(stderr).toContain(`Error: ${large} is not ${kind}: it has more than`);
  });

  test.skipIf(process.platform === "win32")("an endless file", async () => {
    const { code, stderr } = await runInProcess(["status", "--outputs", "/dev/zero"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("/dev/zero is not a file of stack outputs")]);
  });
});

test("outputs in UTF-16 without a byte order mark are read", async () => {
  writeFileSync(
    folder.file("outputs.json"),
    Buffer.from(JSON.stringify({ ...exampleOutputs, environment: "" }), "utf16le"),
  );
  const { stderr } = await runInProcess(["status", "--outputs", folder.file("outputs.json")]);
  expect(stderr).toContain("the outputs are not those of this project:\n  environment:");
});
