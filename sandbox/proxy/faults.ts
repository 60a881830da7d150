import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Writable } from "node:stream";

/** What happens to a request that a rule picks; a delay comes first, alone or before the rest. */
export interface FaultEffect {
  /** Milliseconds to wait before anything else. */
  delayMs?: number;
  /** Answered by the proxy; the service never sees the request. */
  answer?: { status: number; headers?: Record<string, string>; body?: string };
  /**
   * The connection ends without an answer: "before" the service sees the request (no change made), or "after" the
   * service has done its work and answered (change made). An upgrade is always dropped before.
   */
  drop?: "before" | "after";
}

/** Which requests a rule picks. All conditions that are given must hold; `*` in patterns stands for anything. */
export interface FaultRule extends FaultEffect {
  /** Host pattern, for example *.azure-devices.net. */
  host?: string;
  /** HTTP method, in capitals. */
  method?: string;
  /** Pattern of path and query, for example /devices*. */
  path?: string;
  /** By script: the first `first` requests that match; all when left out. */
  first?: number;
  /** By script: that many matching requests go untouched before the rule begins. Default 0. */
  skip?: number;
  /** By rate: the share of matching requests, 0 to 1. Default 1. */
  rate?: number;
  /** Seed of the rate's choices; the same seed chooses the same requests. Default 1. */
  seed?: number;
}

/** What rules look at: a request, or what a service holds for one, such as an MQTT packet and its topic. */
export type FaultTarget = Pick<IncomingMessage, "method" | "url">;

interface Armed {
  rule: FaultRule;
  matches: (host: string, req: FaultTarget) => boolean;
  seen: number;
  picked: number;
  random: () => number;
}

/** The failures that the proxy plays on its endpoints' behalf, for trying how clients take them. */
export class Faults {
  private armed: Armed[] = [];

  /** Arms a rule; rules are tried in the order they came. Returns what disarms it. */
  add(rule: FaultRule): () => void {
    const host = pattern(rule.host);
    const path = pattern(rule.path);
    const armed: Armed = {
      rule,
      matches: (name, req) =>
        host.test(name) && path.test(req.url ?? "") && (!rule.method || rule.method === req.method),
      seen: 0,
      picked: 0,
      random: seeded(rule.seed ?? 1),
    };
    this.armed.push(armed);
    return () => {
      this.armed = this.armed.filter((other) => other !== armed);
    };
  }

  clear(): void {
    this.armed = [];
  }

  /** The effect on this request: delays add up, and the first rule with an answer or a drop decides. */
  pick(host: string, req: FaultTarget): FaultEffect | undefined {
    let effect: FaultEffect | undefined;
    for (const armed of this.armed) {
      if (!armed.matches(host, req) || !chosen(armed)) continue;
      const { delayMs, answer, drop } = armed.rule;
      effect ??= {};
      if (delayMs) effect.delayMs = (effect.delayMs ?? 0) + delayMs;
      if (answer || drop) return { ...effect, answer, drop };
    }
    return effect;
  }
}

/**
 * A response that goes nowhere: the service does its work on it, and when it has ended the client's connection
 * ends too, without a byte of the answer.
 */
export function lostResponse(req: IncomingMessage): ServerResponse {
  const res = new ServerResponse(req);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  res.assignSocket(nowhere as Socket);
  res.on("close", () => req.socket.destroy());
  res.on("finish", () => req.socket.destroy());
  return res;
}

/** Sends a rule's own answer. The request's body is read and thrown away, so that keep-alive goes on. */
export function sendAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  answer: NonNullable<FaultEffect["answer"]>,
): void {
  req.resume();
  res.writeHead(answer.status, answer.headers);
  res.end(answer.body);
}

function chosen(armed: Armed): boolean {
  const { first = Infinity, skip = 0, rate = 1 } = armed.rule;
  armed.seen += 1;
  if (armed.seen <= skip || armed.picked >= first || (rate < 1 && armed.random() >= rate)) return false;
  armed.picked += 1;
  return true;
}

function pattern(text: string | undefined): RegExp {
  return new RegExp(text === undefined ? "" : `^${text.split("*").map(RegExp.escape).join(".*")}$`, "i");
}

/** Mulberry32: small and even enough for choosing requests. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
