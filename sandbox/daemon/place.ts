import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What is kept from one start to the next, so that an environment printed before stays right. */
export interface KeptSettings {
  port?: number;
  providerPorts?: Record<string, number>;
}

/** The files of one sandbox: everything is below its folder, which only its owner can read. */
export class Place {
  readonly dir: string;

  /** @param dir Folder; default SANDBOX_DIR, else .sandbox in the current folder. */
  constructor(dir = process.env.SANDBOX_DIR ?? ".sandbox") {
    this.dir = resolve(dir);
  }

  /** The socket (on Windows: the named pipe) over which the command line talks to the running sandbox. */
  get socket(): string {
    const name = `terminal-sandbox-${createHash("sha256").update(this.dir).digest("hex").slice(0, 12)}`;
    if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
    const inside = join(this.dir, "control.sock");
    // A Unix socket's path holds at most about 100 bytes.
    return Buffer.byteLength(inside) < 100 ? inside : join(tmpdir(), `${name}.sock`);
  }

  get log(): string {
    return join(this.dir, "sandbox.log");
  }

  get pid(): number | undefined {
    const pid = Number(this.read("sandbox.pid"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  }

  set pid(pid: number | undefined) {
    if (pid === undefined) rmSync(join(this.dir, "sandbox.pid"), { force: true });
    else this.write("sandbox.pid", String(pid));
  }

  get settings(): KeptSettings {
    return JSON.parse(this.read("settings.json") ?? "{}") as KeptSettings;
  }

  set settings(settings: KeptSettings) {
    this.write("settings.json", JSON.stringify(settings));
  }

  /** Forgets everything. */
  delete(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private read(name: string): string | undefined {
    try {
      return readFileSync(join(this.dir, name), "utf8");
    } catch {
      return undefined;
    }
  }

  private write(name: string, text: string): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.dir, name), text, { mode: 0o600 });
  }
}
