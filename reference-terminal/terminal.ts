import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Acknowledgement, Handover, NetworkSettings, Offer } from "@terminal-fleet/cli/terminal-support";
import { Backoff, type Clock, systemClock, webSocketAgent } from "@terminal-fleet/cli/terminal-support";
import { FileWork } from "./file-work.ts";
import { HubSession, type SessionEnd } from "./hub-session.ts";
import { type Candidate, KeyRing } from "./key-ring.ts";
import type { TerminalLog } from "./log.ts";
import { Lookups } from "./lookups.ts";
import { Handled } from "./processed-offers.ts";
import { reconcile, type TwinSections } from "./reconcile.ts";
import type { Vault } from "./vault.ts";

/** What a terminal is started with. */
export interface TerminalOptions {
  handover: Handover;
  /** How it reaches the IoT Hub, storage and the Flow API; `networkFromEnvironment()` for HTTPS_PROXY and NO_PROXY. */
  network: NetworkSettings;
  /** Keeps renewed keys; without it the terminal takes none from its twin. */
  vault?: Vault;
  /** The terminal's own folder, made when missing; see `FileWork`. */
  folder: string;
  /** Version of the terminal's software, which it reports. */
  version: string;
  log: TerminalLog;
  /** How long a token for the hub is valid, in seconds; default an hour. */
  tokenSeconds?: number;
  /** The waiting after failures, of connections and of transfers; default from 2 seconds up to 5 minutes. */
  patience?: { firstMs: number; longestMs: number };
  clock?: Clock;
}

export interface TerminalEvents {
  connected: [];
  /** The connection is over, or could not be made; the terminal goes on trying. `reason` is a code or a name. */
  disconnected: [reason: string];
  /** An offer has its last word. */
  handled: [id: string, said: Acknowledgement, offer: Offer];
}

type Settings = Required<Omit<TerminalOptions, "handover" | "vault">>;

/** A session that lasts this long was a good one: the waiting before the next one starts from the beginning. */
const goodSessionMs = 60_000;

/** Why there is no connection, for the log. */
const words: Record<string, string> = {
  UnauthorizedError: "the IoT Hub refuses its key, or its identity is disabled or gone",
  NotConnectedError: "the IoT Hub cannot be reached",
  lost: "the connection broke",
};

/**
 * A terminal as the fleet expects it: it stays connected to the IoT Hub, reports what it is, fetches and delivers the
 * files that it is offered, and looks things up at the Flow API. docs/terminal-contract.md says the same in words.
 */
export class Terminal extends EventEmitter<TerminalEvents> {
  readonly lookups: Lookups;
  private readonly options: Settings;
  readonly keyRing: KeyRing;
  private readonly handled: Handled;
  private readonly work: FileWork;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private session: HubSession | undefined;

  private constructor(options: Settings, keys: KeyRing, handled: Handled) {
    super();
    this.options = options;
    this.keyRing = keys;
    this.handled = handled;
    this.lookups = new Lookups(() => keys.current, options.network);
    this.work = new FileWork({
      folder: options.folder,
      network: options.network,
      handled,
      log: options.log,
      patience: options.patience,
      clock: options.clock,
      onHandled: (id, said, offer) => {
        this.emit("handled", id, said, offer);
        void this.report({ files: { [id]: said } });
      },
    });
  }

  /** Makes a terminal from its hand-over, with the memory that is in its folder. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    mkdirSync(join(options.folder, "outgoing"), { recursive: true, mode: 0o700 });
    const handled = await Handled.open(join(options.folder, "handled.json"));
    const keys = await KeyRing.open({ ...options, path: join(options.folder, "keys.age") });
    const terminal = new Terminal(
      {
        tokenSeconds: 3600,
        patience: { firstMs: 2_000, longestMs: 5 * 60_000 },
        clock: systemClock,
        ...options,
      },
      keys,
      handled,
    );
    await terminal.work.recover();
    return terminal;
  }

  /** Begins to connect, and stays connected until it is stopped. Resolves after the first try, whatever came of it. */
  start(): Promise<void> {
    return new Promise((tried) => {
      this.once("connected", tried).once("disconnected", () => tried());
      this.running ??= this.stayConnected();
    });
  }

  /** Ends in good order: the connection is closed, and transfers stop where they are. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.session?.close();
    await Promise.all([this.running, this.work.stop()]);
  }

  private async stayConnected(): Promise<void> {
    const { tokenSeconds, network, patience, clock, log } = this.options;
    const agent = webSocketAgent(network, `https://${this.keyRing.current.hub.hostName}`);
    let refused: Candidate | undefined;
    const backoff = new Backoff({ clock, range: patience });
    while (!this.stopping.signal.aborted) {
      const from = clock.now();
      const candidate: Candidate | undefined = refused ? undefined : this.keyRing.candidate;
      let reason: string;
      let detail = "";
      let session: HubSession | undefined;
      try {
        const { hub } = candidate?.handover ?? this.keyRing.current;
        session = await HubSession.open({ hub, tokenSeconds, agent, random: Math.random });
        this.session = session;
        if (candidate) await this.keyRing.confirm(candidate);
        else if (refused) await this.keyRing.giveUp(refused);
        refused = undefined;
        reason = await this.use(session);
      } catch (error) {
        reason = (error as Error).name;
        detail = reason === "UnauthorizedError" ? "" : ` (${(error as Error).message})`;
        // Only when the hub then takes the current key is it the new one that is wrong.
        refused = reason === "UnauthorizedError" ? candidate : undefined;
        if (refused) continue;
      } finally {
        await session?.close();
      }
      this.session = undefined;
      // A new token is all that was wanted.
      if (reason === "renew" || reason === "closed") continue;
      log(`not connected: ${words[reason] ?? "no session with the IoT Hub"}${detail}`);
      this.emit("disconnected", reason);
      if (clock.now() - from > goodSessionMs) backoff.reset();
      await backoff.wait(this.stopping.signal);
    }
  }

  private async use(session: HubSession): Promise<SessionEnd> {
    if (this.stopping.signal.aborted) return "closed";
    await session.follow((twin) => this.follow(twin));
    this.options.log("connected");
    this.emit("connected");
    return session.ended;
  }

  /** Does what follows from the twin: it was just read, or the operators have changed it. */
  private follow(twin: TwinSections): void {
    const { open, offered, report } = reconcile(
      twin,
      (id) => this.handled.said(id),
      this.options.clock.now(),
    );
    this.work.setOpen(open);
    const terminal = { version: this.options.version, site: this.keyRing.current.site };
    void this.report({
      ...(isDeepStrictEqual(twin.reported.terminal, terminal) ? {} : { terminal }),
      ...(this.keyRing.isIn(twin.reported) ? {} : { keys: this.keyRing.report() }),
      ...(Object.keys(report).length > 0 ? { files: report } : {}),
    });
    // A memory that is not tidied does no harm.
    this.handled.forget(offered, this.options.clock.now()).catch(() => {});
    void this.takeKeys(twin.desired.keys);
  }

  /** Takes new keys, and tries them with a new connection. */
  private async takeKeys(offered: unknown): Promise<void> {
    try {
      const taken = await this.keyRing.take(offered);
      if (taken === "refused") await this.report({ keys: this.keyRing.report() });
      if (taken !== "candidate") return;
      this.options.log("new keys");
      await this.session?.close();
    } catch (error) {
      // What was not kept is offered again with the next reading of the twin.
      this.options.log(`new keys cannot be kept: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
    }
  }

  /** What cannot be reported in this session is reported in the next one: the twin will still lack it. */
  private async report(patch: object): Promise<void> {
    const { session } = this;
    if (!session || Object.keys(patch).length === 0) return;
    const { clock, patience } = this.options;
    const backoff = new Backoff({ clock, range: patience });
    while (session === this.session && !this.stopping.signal.aborted) {
      try {
        return await session.report(patch);
      } catch {
        await backoff.wait(this.stopping.signal);
      }
    }
  }
}
