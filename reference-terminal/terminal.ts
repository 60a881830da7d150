import { EventEmitter } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type Acknowledgement,
  Backoff,
  type BackoffRange,
  type Clock,
  type CredentialBundle,
  doctorReportName,
  expectVerifiedTls,
  type NetworkSettings,
  type Offer,
  systemClock,
  webSocketAgent,
} from "@terminal-fleet/cli/terminal-support";
import { HubSession, type SessionEnd } from "./hub-session.ts";
import { type Candidate, KeyRing } from "./key-ring.ts";
import type { TerminalLog } from "./log.ts";
import { Lookups } from "./lookups.ts";
import { type Doctor, OfferProcessor } from "./offer-processor.ts";
import { ProcessedOffers } from "./processed-offers.ts";
import { reconcile, type TwinSections } from "./reconcile.ts";
import type { Vault } from "./vault.ts";

/** Options of a terminal. */
export interface TerminalOptions {
  bundle: CredentialBundle;
  /** How it reaches Azure; `networkFromEnvironment()` reads HTTPS_PROXY and NO_PROXY. */
  network: NetworkSettings;
  /** Seals rotated keys on disk. Without it, the terminal ignores key offers in its twin. */
  vault?: Vault;
  /** The terminal's folder; see `OfferProcessorOptions`. It is created if it is missing. */
  folder: string;
  /** Version of the terminal's software, which it reports. */
  version: string;
  log: TerminalLog;
  /**
   * Checks the terminal's network, and returns the report that operators request as `doctor.json`. Default: the terminal
   * offers a report only if another program has written the file into its folder `outgoing`.
   */
  doctor?: Doctor;
  /** Validity of a token for the IoT Hub, in seconds; default an hour. */
  tokenSeconds?: number;
  /** Waits after failed connections and transfers; default 2 seconds to 5 minutes. */
  backoff?: BackoffRange;
  clock?: Clock;
}

export interface TerminalEvents {
  connected: [];
  /**
   * The connection ended or could not be opened; the terminal retries. `reason` is a code or a name, and `detail` says why
   * the IoT Hub was not reached; it is empty when that is not known.
   */
  disconnected: [reason: string, detail: string];
  /** The final acknowledgement of an offer is recorded. */
  processed: [id: string, acknowledgement: Acknowledgement, offer: Offer];
}

type Settings = Required<Omit<TerminalOptions, "bundle" | "vault" | "doctor">> &
  Pick<TerminalOptions, "doctor">;

/** After a session of at least this length, the next wait is the shortest one again. */
const stableSessionMs = 60_000;
/**
 * The first wait after such a session was lost is a random time up to this many times the shortest wait, 30 seconds by
 * default. A hub that restarts loses all terminals at once, and could not accept them all within two seconds.
 */
const waitsAfterLoss = 15;

/** Reasons for a missing connection, for the log. */
const reasons: Record<string, string> = {
  UnauthorizedError: "the IoT Hub rejects its key, or its device identity is disabled or deleted",
  NotConnectedError: "the IoT Hub cannot be reached",
  lost: "the connection broke",
};

/**
 * A terminal as the fleet expects it: it stays connected to the IoT Hub, reports its version and keys, transfers the files
 * that it is offered, and sends lookups to the Flow API. docs/terminal-contract.md describes the same in words.
 */
export class Terminal extends EventEmitter<TerminalEvents> {
  readonly lookups: Lookups;
  readonly keyRing: KeyRing;
  private readonly settings: Settings;
  private readonly processedOffers: ProcessedOffers;
  private readonly offerProcessor: OfferProcessor;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private session: HubSession | undefined;

  private constructor(settings: Settings, keyRing: KeyRing, processedOffers: ProcessedOffers) {
    super();
    this.settings = settings;
    this.keyRing = keyRing;
    this.processedOffers = processedOffers;
    this.lookups = new Lookups(() => keyRing.current, settings.network);
    this.offerProcessor = new OfferProcessor({
      ...settings,
      processed: processedOffers,
      onProcessed: (id, acknowledgement, offer) => {
        this.emit("processed", id, acknowledgement, offer);
        void this.report({ files: { [id]: acknowledgement } });
      },
    });
  }

  /**
   * Creates a terminal from its credential bundle and the files in its folder.
   * @throws OperatorError when NODE_TLS_REJECT_UNAUTHORIZED switches off the verification of certificates.
   */
  static async open(options: TerminalOptions): Promise<Terminal> {
    expectVerifiedTls();
    const { folder, bundle, vault } = options;
    mkdirSync(join(folder, "outgoing"), { recursive: true, mode: 0o700 });
    const processedOffers = await ProcessedOffers.open(join(folder, "handled.json"));
    const keyRing = await KeyRing.open({ path: join(folder, "keys.age"), bundle, vault });
    const defaults = {
      tokenSeconds: 3600,
      backoff: { firstMs: 2_000, longestMs: 5 * 60_000 },
      clock: systemClock,
    };
    const terminal = new Terminal({ ...defaults, ...options }, keyRing, processedOffers);
    await terminal.offerProcessor.recover();
    return terminal;
  }

  /** Connects, and stays connected until `stop`. It resolves after the first attempt, successful or not. */
  start(): Promise<void> {
    return new Promise((attempted) => {
      this.once("connected", attempted).once("disconnected", () => attempted());
      this.running ??= this.stayConnected();
    });
  }

  /** Closes the connection and stops the transfers. The next start continues them. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.session?.close();
    await Promise.all([this.running, this.offerProcessor.stop()]);
  }

  private async stayConnected(): Promise<void> {
    const { tokenSeconds, network, clock, log, backoff: range } = this.settings;
    const agent = webSocketAgent(network, `https://${this.keyRing.current.hub.hostName}`);
    const backoff = new Backoff({ clock, range });
    let rejected: Candidate | undefined;
    while (!this.stopping.signal.aborted) {
      const startMs = clock.now();
      const candidate: Candidate | undefined = rejected ? undefined : this.keyRing.candidate;
      let reason: string;
      let detail = "";
      let session: HubSession | undefined;
      try {
        const { hub } = candidate?.handover ?? this.keyRing.current;
        session = await HubSession.open({ hub, tokenSeconds, agent, random: Math.random });
        this.session = session;
        if (candidate) await this.keyRing.confirm(candidate);
        else if (rejected) await this.keyRing.reject(rejected);
        rejected = undefined;
        reason = await this.use(session);
      } catch (error) {
        reason = (error as Error).name;
        detail = reason === "UnauthorizedError" ? "" : (error as Error).message;
        // The new key is at fault only if the IoT Hub accepts the current one afterwards. That is tried at once.
        rejected = reason === "UnauthorizedError" ? candidate : undefined;
        if (rejected) continue;
      } finally {
        await session?.close();
      }
      this.session = undefined;
      if (reason === "renew" || reason === "closed") continue;
      log(`not connected: ${reasons[reason] ?? "no session with the IoT Hub"}${detail && ` (${detail})`}`);
      this.emit("disconnected", reason, detail);
      const wasStable = clock.now() - startMs > stableSessionMs;
      if (wasStable) backoff.reset();
      if (wasStable && reason === "lost") {
        const longest = Math.min(range.longestMs, waitsAfterLoss * range.firstMs);
        await clock.sleep(longest * Math.random(), this.stopping.signal);
      } else await backoff.wait(this.stopping.signal);
    }
  }

  private async use(session: HubSession): Promise<SessionEnd> {
    if (this.stopping.signal.aborted) return "closed";
    await session.follow((twin) => this.applyTwin(twin));
    this.settings.log("connected");
    this.emit("connected");
    return session.ended;
  }

  /** Processes the twin after it was read, and after each change of its desired properties. */
  private applyTwin(twin: TwinSections): void {
    const now = this.settings.clock.now();
    const acknowledgementOf = (id: string) => this.processedOffers.acknowledgementOf(id);
    const { pending, offered, report } = reconcile(twin, acknowledgementOf, now);
    this.offerProcessor.setOffers(pending);
    const { doctor, folder } = this.settings;
    const hasDoctor = doctor !== undefined || existsSync(join(folder, "outgoing", doctorReportName));
    const reports = hasDoctor ? ["doctor"] : [];
    const terminal = {
      ...{ version: this.settings.version, site: this.keyRing.current.site },
      ...(reports.length > 0 ? { reports } : {}),
    };
    // A merge patch keeps members that it does not name.
    const patch = { reports: null, ...terminal };
    void this.report({
      ...(isDeepStrictEqual(twin.reported.terminal, terminal) ? {} : { terminal: patch }),
      ...(this.keyRing.isReported(twin.reported) ? {} : { keys: this.keyRing.report() }),
      ...(Object.keys(report).length > 0 ? { files: report } : {}),
    });
    // A failure only leaves old entries in the record.
    this.processedOffers.removeExpired(offered, now).catch(() => {});
    void this.acceptKeys(twin.desired.keys);
  }

  /** Accepts new keys, and closes the session, so that the next one uses them. */
  private async acceptKeys(offered: unknown): Promise<void> {
    try {
      const accepted = await this.keyRing.acceptOffer(offered);
      if (accepted === "refused") await this.report({ keys: this.keyRing.report() });
      if (accepted !== "candidate") return;
      this.settings.log("new keys");
      await this.session?.close();
    } catch (error) {
      // The twin still has the key offer. It is processed again when the twin is read.
      this.settings.log(`new keys cannot be stored: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
    }
  }

  /** Reports in the current session. The next session repeats a failed report, because the twin does not have it. */
  private async report(patch: object): Promise<void> {
    const { session } = this;
    if (!session || Object.keys(patch).length === 0) return;
    const { clock, backoff: range } = this.settings;
    const backoff = new Backoff({ clock, range });
    while (session === this.session && !this.stopping.signal.aborted) {
      try {
        return await session.report(patch);
      } catch {
        await backoff.wait(this.stopping.signal);
      }
    }
  }
}
