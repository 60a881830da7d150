import { createHash, randomUUID } from "node:crypto";
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
import { checkOwn, holderOf, holdFolder, privateFolder } from "../core/private-folder.ts";

/** What is kept from one start to the next, so that an environment printed before stays right. */
export interface KeptSettings {
  port?: number;
  providerPorts?: Record<string, number>;
}

/** Says that a folder is a sandbox's, and makes the name of its socket one that nobody else can guess. */
const markerFile = "sandbox.marker";
/** Everything that a sandbox puts into its folder; the lock and the marker go last. */
const ownFiles =
  /^(azurite|proxy|front|pulumi|state\.sqlite(-wal|-shm)?|settings\.json|sandbox\.(log|pid)|control\.sock|Pulumi\..+\.yaml)$/;
const deletedLast = ["sandbox.lock", markerFile];

/** The files of one sandbox: everything is below its folder, which only its owner can read. */
export class SandboxDirectory {
  readonly dir: string;

  /** @param dir Folder; default SANDBOX_DIR, else .sandbox in the current folder. */
  constructor(dir = process.env.SANDBOX_DIR ?? ".sandbox") {
    this.dir = resolve(dir);
  }

  /**
   * Makes the folder a sandbox's, if it is not one.
   * @throws when there are other things in it, or it is another user's.
   */
  claim(): void {
    const found = existsSync(this.dir) ? readdirSync(this.dir) : [];
    const others = found.filter((name) => !ownFiles.test(name) && !deletedLast.includes(name));
    // Before there was a marker, the state told a sandbox's folder.
    const isSandbox = found.includes(markerFile) || (found.includes("state.sqlite") && others.length === 0);
    if (found.length > 0 && !isSandbox) {
      throw new Error(`There are other things in ${this.dir}. Give the sandbox a folder of its own: --dir`);
    }
    privateFolder(this.dir);
    if (!found.includes(markerFile))
      this.write(markerFile, `A sandbox of the terminal fleet: ${randomUUID()}\n`);
  }

  /**
   * The socket (on Windows: the named pipe) over which the command line talks to the running sandbox.
   * @throws when another user has it, or could put one in its place.
   */
  socket(): string {
    if (existsSync(this.dir)) checkOwn(realpathSync(this.dir));
    const secret = this.read(markerFile) ?? "";
    const name = createHash("sha256").update(this.dir).update(secret).digest("hex").slice(0, 24);
    if (process.platform === "win32") return `\\\\.\\pipe\\terminal-sandbox-${name}`;
    const inside = join(this.dir, "control.sock");
    // A Unix socket's path holds at most about 100 bytes.
    const socket =
      Buffer.byteLength(inside) < 100 ? inside : join(tmpdir(), `terminal-sandbox-${userInfo().uid}`, name);
    for (const path of [dirname(socket), socket]) if (existsSync(path)) checkOwn(path);
    return socket;
  }

  /** The same, with its folder made when it is missing. */
  makeSocket(): string {
    const socket = this.socket();
    if (process.platform !== "win32") privateFolder(dirname(socket));
    return socket;
  }

  get log(): string {
    return join(this.dir, "sandbox.log");
  }

  /** The process that has the folder, or that had it when it was killed. */
  get pid(): number | undefined {
    return holderOf(this.dir);
  }

  get settings(): KeptSettings {
    return JSON.parse(this.read("settings.json") ?? "{}") as KeptSettings;
  }

  set settings(settings: KeptSettings) {
    this.write("settings.json", JSON.stringify(settings));
  }

  /**
   * Forgets everything.
   * @returns What else was in the folder, and stays.
   * @throws when the folder is not a sandbox's, or is in use.
   */
  delete(): string[] {
    if (!existsSync(this.dir)) return [];
    if (this.read(markerFile) === undefined) {
      throw new Error(
        `${this.dir} is not a sandbox's folder (it has no ${markerFile}), so nothing was deleted.`,
      );
    }
    const release = holdFolder(this.dir);
    const socket = this.socket();
    if (dirname(socket) !== this.dir) rmSync(socket, { force: true });
    for (const name of readdirSync(this.dir).filter((found) => ownFiles.test(found))) {
      rmSync(join(this.dir, name), { recursive: true, force: true });
    }
    release();
    for (const name of deletedLast) rmSync(join(this.dir, name), { force: true });
    const left = readdirSync(this.dir);
    if (left.length === 0) rmdirSync(this.dir);
    return left;
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
