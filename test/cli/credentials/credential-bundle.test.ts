import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { armor, Encrypter, generateIdentity, identityToRecipient, Stanza } from "age-encryption";
import { describe, expect, test } from "vitest";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { readIdentities, sealer, unseal } from "../../../cli/credentials/seal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleHandover } from "../examples.ts";

describe("sealing", () => {
  test("each recipient can open a sealed bundle, and others cannot", async () => {
    const [ours, theirs, stranger] = [
      await generateIdentity(),
      await generateIdentity(),
      await generateIdentity(),
    ];
    const content = exampleHandover();
    const recipients = [await identityToRecipient(ours), await identityToRecipient(theirs)];
    const sealed = await sealer({ recipients })(content);
    expect(Buffer.from(sealed).includes(content.hub.primaryKey)).toBe(false);
    for (const identity of [ours, theirs]) {
      expect(await unseal(sealed, { identities: [identity] })).toEqual(content);
    }
    await expect(unseal(sealed, { identities: [stranger] })).rejects.toThrow(/cannot be opened/);
    const armored = Buffer.from(armor.encode(sealed));
    expect(await unseal(armored, { identities: [ours] })).toEqual(content);
  });

  test("the passphrase opens a sealed bundle, and another one does not", async () => {
    const content = exampleHandover();
    const sealed = await sealer({ passphrase: "correct horse battery" })(content);
    expect(await unseal(sealed, { passphrase: "correct horse battery" })).toEqual(content);
    await expect(unseal(sealed, { passphrase: "incorrect horse battery" })).rejects.toThrow(
      /cannot be opened/,
    );
    expect(() => sealer({ passphrase: "short" })).toThrow(/shorter than 12/);
  });

  test("the passphrase opens what the age library sealed, with a lower cost too", async () => {
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(12);
    encrypter.setPassphrase("correct horse battery");
    const content = exampleHandover();
    const sealed = await encrypter.encrypt(JSON.stringify(content));
    expect(await unseal(sealed, { passphrase: "correct horse battery" })).toEqual(content);
  });

  const salt = Buffer.alloc(16, 7).toString("base64").replace(/=+$/, "");
  const body = new Uint8Array(32);
  const valid = () => new Stanza(["scrypt", salt, "12"], body);
  test.each([
    ["a cost that takes minutes", [new Stanza(["scrypt", salt, "21"], body)], "work factor is too high"],
    ["a cost that is no number", [new Stanza(["scrypt", salt, "+8"], body)], "invalid scrypt stanza"],
    ["no cost", [new Stanza(["scrypt", salt], body)], "invalid scrypt stanza"],
    ["a short salt", [new Stanza(["scrypt", salt.slice(4), "12"], body)], "invalid scrypt stanza"],
    ["a salt in another form", [new Stanza(["scrypt", `${salt}==`, "12"], body)], "invalid scrypt stanza"],
    ["a short key", [new Stanza(["scrypt", salt, "12"], body.subarray(1))], "invalid scrypt stanza"],
    ["another recipient beside it", [valid(), new Stanza(["other"], body)], "not the only one in the header"],
    ["recipients of another type only", [new Stanza(["other"], body)], "no identity matched"],
    ["a key of another passphrase", [valid()], "no identity matched"],
  ])("a header with %s is not opened with a passphrase", async (_what, stanzas, message) => {
    const encrypter = new Encrypter();
    encrypter.addRecipient({ wrapFileKey: () => stanzas });
    const sealed = await encrypter.encrypt("{}");
    await expect(unseal(sealed, { passphrase: "correct horse battery" })).rejects.toThrow(message);
  });

  test("sealing with a passphrase does not block the event loop", async () => {
    const seal = sealer({ passphrase: "correct horse battery" });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await Promise.all([1, 2, 3].map(() => seal(exampleHandover())));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
  });

  test("the error for a secret key in place of a recipient does not contain the key", async () => {
    const identity = await generateIdentity();
    expect(() => sealer({ recipients: [identity] })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(identity) as string, outcome: "usage" }),
    );
    expect(() => sealer({ recipients: ["age1nonsense"] })).toThrow(/age1nonsense is not an age recipient/);
  });

  test("sealing an invalid credential bundle fails", async () => {
    const recipients = [await identityToRecipient(await generateIdentity())];
    const wrong = { ...exampleHandover(), hub: { ...exampleHandover().hub, primaryKey: "short" } };
    expect(() => sealer({ recipients })(wrong)).toThrow();
  });

  const age = has("age");
  test.skipIf(!age)(
    `Debian's age opens it${age ? "" : " (skipped: the age command is not installed)"}`,
    async () => {
      await using folder = await temporaryFolder();
      const identity = await generateIdentity();
      const content = exampleHandover();
      const sealed = await sealer({ recipients: [await identityToRecipient(identity)] })(content);
      writeFileSync(folder.file("key.txt"), `# made by a test\n${identity}\n`, { mode: 0o600 });
      writeFileSync(folder.file("sealed.age"), sealed);
      const opened = execFileSync("age", ["-d", "-i", folder.file("key.txt"), folder.file("sealed.age")]);
      expect(JSON.parse(opened.toString("utf8"))).toEqual(content);
      expect(readIdentities(readFileSync(folder.file("key.txt"), "utf8"))).toEqual([identity]);
    },
  );

  // It asks on a terminal, which `script` plays.
  const canAsk = age && process.platform === "linux" && has("script");
  test.skipIf(!canAsk)(
    `Debian's age opens what is sealed with a passphrase${canAsk ? "" : " (skipped: age or script is not installed)"}`,
    async () => {
      await using folder = await temporaryFolder();
      const content = exampleHandover();
      writeFileSync(
        folder.file("sealed.age"),
        await sealer({ passphrase: "correct horse battery" })(content),
      );
      const command = `age -d -o ${folder.file("opened")} ${folder.file("sealed.age")}`;
      const asked = spawn("script", ["-qec", command, "/dev/null"]);
      asked.stdout.once("data", () => asked.stdin.write("correct horse battery\n"));
      expect(await once(asked, "exit")).toEqual([0, null]);
      asked.stdin.end();
      expect(JSON.parse(readFileSync(folder.file("opened"), "utf8"))).toEqual(content);
    },
  );
});

describe("the folder of credential bundles", () => {
  test("a staged bundle gets its final name when it is published, readable by its owner only", async () => {
    await using place = await temporaryFolder();
    const folder = new BundleFolder(place.file("out"));
    await folder.prepare();
    const digest = await folder.stage("example-001", Buffer.from("sealed"));
    expect(await folder.digest("example-001")).toBeUndefined();
    await folder.publish(["example-001"]);
    expect(await folder.digest("example-001")).toBe(digest);
    if (process.platform !== "win32") expect(statSync(folder.file("example-001")).mode & 0o777).toBe(0o600);
  });

  test("removeStaged removes a staged bundle, and nothing when there is none", async () => {
    await using place = await temporaryFolder();
    const folder = new BundleFolder(place.path);
    await folder.stage("example-001", Buffer.from("sealed"));
    await folder.removeStaged("example-001");
    await folder.removeStaged("example-002");
    expect(readdirSync(place.path)).toEqual([]);
  });

  test("publishStaged publishes a staged bundle only when its digest matches", async () => {
    await using place = await temporaryFolder();
    const folder = new BundleFolder(place.path);
    const digest = await folder.stage("example-001", Buffer.from("sealed"));
    expect(await folder.publishStaged("example-001", "another")).toBe(false);
    expect(await folder.digest("example-001")).toBeUndefined();
    expect(await folder.publishStaged("example-001", digest)).toBe(true);
    expect(await folder.digest("example-001")).toBe(digest);
  });
});

function has(command: string): boolean {
  try {
    execFileSync(command, ["--version"]);
    return true;
  } catch {
    return false;
  }
}
