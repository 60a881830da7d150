import { hash, randomUUID } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { lockFolder, readLockHolder } from "../core/folder-lock.ts";
import { makePrivateFolder, verifyOwned } from "../core/private-folder.ts";

/** The ports of the last start. The next start uses them again, so that an environment printed earlier stays valid. */
export interface SavedSettings {
  port?: number;
  providerPorts?: Record<string, number>;
}

/** Marks a folder as a sandbox's. Its random content makes the name of the socket unpredictable for other users. */
const markerFile = "sandbox.marker";
/** The files and folders that a sandbox creates, except the lock and the marker. `front` is the old name of `proxy`. */
const ownFiles =
  /^(azurite|azure-cli|proxy|front|pulumi|state\.sqlite(-wal|-shm)?|settings\.json|sandbox\.(log|pid)|control\.sock|Pulumi\..+\.yaml)$/;
const deletedLast = ["sandbox.lock", markerFile];

/** The files of one sandbox. All are in one folder, which only its owner can read. */
export class SandboxDirectory {
  readonly dir: string;

  /** @param dir The folder; default: the environment variable SANDBOX_DIR, else .sandbox in the current folder. */
  constructor(dir = process.env.SANDBOX_DIR ?? ".sandbox") {
    this.dir = resolve(dir);
  }

  /**
   * Creates the folder when it is missing, and marks it as a sandbox's.
   * @throws When the folder contains other files, or another user owns it.
   */
  claim(): void {
    const present = existsSync(this.dir) ? readdirSync(this.dir) : [];
    const others = present.filter((name) => !ownFiles.test(name) && !deletedLast.includes(name));
    // A folder of an earlier version has no marker, but a database.
    const isSandbox =
      present.includes(markerFile) || (present.includes("state.sqlite") && others.length === 0);
    if (present.length > 0 && !isSandbox) {
      throw new Error(`The folder ${this.dir} contains other files. Choose an empty folder with --dir.`);
    }
    makePrivateFolder(this.dir);
    if (!present.includes(markerFile))
      this.write(markerFile, `A sandbox of the terminal fleet: ${randomUUID()}\n`);
  }

  /**
   * The path of the control socket. On Windows it is a named pipe.
   * @throws When another user owns the socket, or could replace it.
   */
  socket(): string {
    if (existsSync(this.dir)) verifyOwned(realpathSync(this.dir));
    const secret = this.read(markerFile) ?? "";
    const name = hash("sha256", this.dir + secret, "hex").slice(0, 24);
    if (process.platform === "win32") return `\\\\.\\pipe\\terminal-sandbox-${name}`;
    const inside = join(this.dir, "control.sock");
    // The path of a Unix socket is limited to about 100 bytes.
    const socket =
      Buffer.byteLength(inside) < 100 ? inside : join(tmpdir(), `terminal-sandbox-${userInfo().uid}`, name);
    for (const path of [dirname(socket), socket]) if (existsSync(path)) verifyOwned(path);
    return socket;
  }

  /** The path of the control socket. Creates the socket's folder when it is missing. */
  prepareSocket(): string {
    const socket = this.socket();
    if (process.platform !== "win32") makePrivateFolder(dirname(socket));
    return socket;
  }

  get log(): string {
    return join(this.dir, "sandbox.log");
  }

  /** The ID of the process that runs the sandbox, or that ran it when it was killed. */
  get pid(): number | undefined {
    return readLockHolder(this.dir);
  }

  get settings(): SavedSettings {
    return JSON.parse(this.read("settings.json") ?? "{}") as SavedSettings;
  }

  set settings(settings: SavedSettings) {
    this.write("settings.json", JSON.stringify(settings));
  }

  /**
   * Deletes all state of the sandbox.
   * @returns Names of other files in the folder, which remain.
   * @throws When the folder is not a sandbox's, or a sandbox runs in it.
   */
  delete(): string[] {
    if (!existsSync(this.dir)) return [];
    if (this.read(markerFile) === undefined) {
      throw new Error(
        `${this.dir} is not a sandbox's folder: it has no file ${markerFile}. Nothing was deleted.`,
      );
    }
    const release = lockFolder(this.dir);
    const socket = this.socket();
    if (dirname(socket) !== this.dir) rmSync(socket, { force: true });
    for (const name of readdirSync(this.dir).filter((present) => ownFiles.test(present))) {
      rmSync(join(this.dir, name), { recursive: true, force: true });
    }
    release();
    for (const name of deletedLast) rmSync(join(this.dir, name), { force: true });
    const remaining = readdirSync(this.dir);
    if (remaining.length === 0) rmdirSync(this.dir);
    return remaining;
  }

  private read(name: string): string | undefined {
    try {
      return readFileSync(join(this.dir, name), "utf8");
    } catch {
      return undefined;
    }
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text, { mode: 0o600 });
  }
}
