import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

/*
 * Chromium without a window, driven over two pipes by the Chrome DevTools Protocol
 * (https://chromedevtools.github.io/devtools-protocol/). The option --print-to-pdf does the same with less control, and
 * builds of Chromium without commands ignore it.
 */

const message = z.object({
  id: z.int().optional(),
  error: z.object({ message: z.string() }).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});

type Result = Record<string, unknown>;
type Waiting = PromiseWithResolvers<Result>;

/** Options that every run has. Nothing is fetched: the page is given as text and may load nothing. */
const options = [
  "--headless",
  "--disable-gpu",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-extensions",
  "--remote-debugging-pipe",
];

/** Time for one answer of Chromium in milliseconds. */
const answerMs = 60_000;

/** A running Chromium with one page. Close it at the end. */
export class Chromium implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly profile: string;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private received = "";
  private errors = "";
  private session = "";

  private constructor(child: ChildProcess, profile: string) {
    this.child = child;
    this.profile = profile;
    const [, , stderr, , output] = child.stdio as unknown as Readable[];
    stderr?.on("data", (data: Buffer) => {
      this.errors = `${this.errors}${data}`.slice(-2_000);
    });
    output?.setEncoding("utf8").on("data", (data: string) => this.receive(data));
    // Writing to a process that has ended fails; its end is reported once, below.
    (child.stdio[3] as Writable).on("error", () => {});
    const fail = (why: string) => {
      for (const { reject } of this.waiting.values()) reject(new Error(why));
      this.waiting.clear();
    };
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code, signal) => {
      const last = this.errors.trim().split("\n").at(-1) ?? "";
      fail(`it ended with ${signal ?? code}${last ? `: ${last}` : ""}`);
    });
  }

  /** @throws Error when the program does not start or speak the protocol. */
  static async start(path: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "terminal-fleet-chromium-"));
    // Chromium refuses its sandbox for root, as in a container.
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const child = spawn(path, [...options, ...sandbox, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    });
    const chromium = new Chromium(child, profile);
    try {
      const { targetId } = await chromium.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await chromium.send("Target.attachToTarget", { targetId, flatten: true });
      chromium.session = String(sessionId);
      return chromium;
    } catch (error) {
      await chromium[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Shows a page that is given as text. */
  async show(html: string): Promise<void> {
    const { frameTree } = await this.send("Page.getFrameTree");
    const frameId = (frameTree as { frame: { id: string } }).frame.id;
    await this.send("Page.setDocumentContent", { frameId, html });
  }

  /** Prints the page, in the size that it asks for. */
  async printPdf(): Promise<Buffer> {
    const { data } = await this.send("Page.printToPDF", {
      preferCSSPageSize: true,
      printBackground: true,
      generateTaggedPDF: true,
      generateDocumentOutline: true,
    });
    return Buffer.from(String(data), "base64");
  }

  /** Sends a command of the protocol. @throws Error when Chromium rejects it, ends, or does not answer in time. */
  async send(method: string, params: object = {}): Promise<Result> {
    const id = this.nextId++;
    const answer = Promise.withResolvers<Result>();
    this.waiting.set(id, answer);
    const timer = setTimeout(() => answer.reject(new Error(`${method} was not answered`)), answerMs);
    const sessionId = this.session || undefined;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { child } = this;
    const hasEnded = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (!hasEnded) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    // Windows may hold the files of the profile for a moment.
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => {});
  }

  /** Messages end with a zero byte. Those without an ID are events. */
  private receive(data: string): void {
    const parts = `${this.received}${data}`.split("\0");
    this.received = parts.pop() ?? "";
    for (const part of parts) {
      const { id, error, result } = message.parse(JSON.parse(part));
      const answer = id === undefined ? undefined : this.waiting.get(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result ?? {});
    }
  }
}
