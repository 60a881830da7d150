import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OperatorError } from "../../../cli/lib/operator-error.ts";
import { Journal, type JournalEntry } from "../../../cli/onboarding/journal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";

const entry = (terminal: string, flowKeySha256 = "f"): JournalEntry => ({
  terminal,
  customer: "example-customer",
  site: "Østfløyen",
  flowKeySha256,
  sharedKeySha256: "s",
  handoverSha256: "h",
  createdAt: "2026-01-01T00:00:00.000Z",
});

test("the last entry of a terminal counts, in the same run and in the next one", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("batch.csv.example.journal");
  const journal = await Journal.open(path);
  await Promise.all([journal.append([entry("a", "1"), entry("b", "1")]), journal.append([entry("a", "2")])]);
  expect(await journal.get("a")).toEqual(entry("a", "2"));
  expect(await journal.get("c")).toBeUndefined();
  await journal.close();
  const again = await Journal.open(path);
  expect(await again.get("a")).toEqual(entry("a", "2"));
  expect(await again.get("b")).toEqual(entry("b", "1"));
  await again.close();
});

test("a kill while a line is written loses that line only", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  const journal = await Journal.open(path);
  const terminals = ["aaa", "bbb", "ccc"];
  for (const terminal of terminals) await journal.append([entry(terminal)]);
  await journal.close();
  const complete = readFileSync(path);
  const lineEnds = [...complete.keys()].filter((at) => complete[at] === 10);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: complete.length }), async (length) => {
      writeFileSync(path, complete);
      truncateSync(path, length);
      const cut = await Journal.open(path);
      await cut.append([entry("ddd")]);
      await cut.close();
      const read = await Journal.open(path);
      for (const [position, terminal] of terminals.entries()) {
        const survives = (lineEnds[position] as number) < length;
        expect(await read.get(terminal)).toEqual(survives ? entry(terminal) : undefined);
      }
      expect(await read.get("ddd")).toEqual(entry("ddd"));
      await read.close();
    }),
    { numRuns: 60 },
  );
});

test("opening a journal with a damaged complete line fails and names the line", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  const journal = await Journal.open(path);
  await journal.append([entry("aaa")]);
  await journal.close();
  appendFileSync(path, "nonsense\n");
  await expect(Journal.open(path)).rejects.toThrow(/line 2 is damaged/);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test("a second run cannot open a journal until the first one closes it", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  const journal = await Journal.open(path);
  await expect(Journal.open(path)).rejects.toThrow(`another run (process ${process.pid})`);
  await journal.close();
  expect(existsSync(`${path}.lock`)).toBe(false);
  await (await Journal.open(path)).close();
});

test("a run ignores the lock file of a process of this computer that holds no lock", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  // A process that was killed, and one that has got its process ID since.
  for (const pid of [99999999, process.pid]) {
    writeFileSync(`${path}.lock`, `${pid} ${hostname()}`);
    await (await Journal.open(path)).close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  }
});

/** Opens the journal at PATH, prints the process ID, and waits. */
const openingScript = `
  import { Journal } from ${JSON.stringify(join(import.meta.dirname, "../../../cli/onboarding/journal.ts"))};
  await Journal.open(process.argv[1]);
  console.log(process.pid);
  setInterval(() => {}, 1_000);
`;

test.skipIf(process.platform !== "linux")(
  "a killed run releases its journal also while its parent does not collect its exit code, as in a container",
  async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("journal");
    // The shell becomes a program that never collects the exit code of its child.
    const parent = spawn(
      "sh",
      [
        "-c",
        '"$@" & exec sleep 60',
        "sh",
        process.execPath,
        "--input-type=module",
        "-e",
        openingScript,
        path,
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    try {
      const child = Number(String((await once(parent.stdout, "data"))[0]));
      await expect(Journal.open(path)).rejects.toThrow(`another run (process ${child})`);
      process.kill(child, "SIGKILL");
      // The operating system releases the lock when the last thread of the process has ended.
      const reopened = await waitFor("the killed run to release its journal", () => Journal.open(path));
      expect(readFileSync(`/proc/${child}/stat`, "utf8")).toMatch(/\) Z /);
      await reopened.close();
    } finally {
      parent.kill("SIGKILL");
    }
  },
);

test("the lock file of another computer stays, as one that names no process", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  for (const [holder, message] of [
    ["99999999 another-computer", /another run \(process 99999999 on another-computer\)/],
    ["", /another run is onboarding/],
  ] as const) {
    writeFileSync(`${path}.lock`, holder);
    const refused = await Journal.open(path).catch((error: OperatorError) => error);
    expect(refused).toMatchObject({ outcome: "usage", message: expect.stringMatching(message) });
    expect((refused as OperatorError).remedy).toContain(`${path}.lock`);
    expect(readFileSync(`${path}.lock`, "utf8")).toBe(holder);
  }
});

test("where the file system has no locks, the lock file alone decides", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  // SQLite cannot lock a folder.
  mkdirSync(folder.file(".journal.lock"));
  const journal = await Journal.open(path);
  await expect(Journal.open(path)).rejects.toThrow(`another run (process ${process.pid})`);
  await journal.close();
  expect(existsSync(`${path}.lock`)).toBe(false);
  writeFileSync(`${path}.lock`, `99999999 ${hostname()}`);
  await expect(Journal.open(path)).rejects.toThrow(/another run \(process 99999999\)/);
});

test("one of two runs gets the lock when both find the lock file of a dead process at the same time", async () => {
  await using folder = await temporaryFolder();
  const count = 40;
  for (let n = 0; n < count; n++) writeFileSync(folder.file(`${n}.lock`), `99999999 ${hostname()}`);
  const journal = join(import.meta.dirname, "../../../cli/onboarding/journal.ts");
  const script = `
    import { Journal } from ${JSON.stringify(journal)};
    const [folder, start] = process.argv.slice(1);
    const open = new Map();
    for (let n = 0; n < ${count}; n++) {
      while (Date.now() < Number(start) + n * 50) {}
      await Journal.open(folder + "/" + n).then((journal) => open.set(n, journal), () => {});
    }
    console.log(JSON.stringify([...open.keys()]));
    await new Promise((resolve) => process.stdin.on("end", resolve).resume());
    for (const journal of open.values()) await journal.close();
  `;
  const start = String(Date.now() + 3_000);
  const runs = [1, 2].map(() =>
    spawn(process.execPath, ["--input-type=module", "-e", script, folder.path, start], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  // Both runs try all journals before one of them ends and releases its locks.
  const locked = await Promise.all(
    runs.map(async ({ stdout }) => JSON.parse(String(await once(stdout, "data")))),
  );
  for (const { stdin } of runs) stdin.end();
  expect(locked.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
});

// Windows cannot truncate a file that is open for appending.
test.runIf(process.platform === "linux")("a journal is opened without O_APPEND", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("journal");
  const journal = await Journal.open(path);
  const fd = readdirSync("/proc/self/fd").find((one) => {
    return existsSync(`/proc/self/fd/${one}`) && readlinkSync(`/proc/self/fd/${one}`) === path;
  });
  const [, flags = ""] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
  expect(Number.parseInt(flags, 8) & constants.O_APPEND).toBe(0);
  await journal.close();
});
