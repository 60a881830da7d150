import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A response that the proxy sends in place of a service. */
export interface FaultAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** The effect of a rule on a request. A delay is applied first, alone or before the answer or drop. */
export interface FaultEffect {
  /** Delay before any other effect, in milliseconds. */
  delayMs?: number;
  /** The request also waits until this resolves. */
  until?: Promise<unknown>;
  /** The proxy sends this response, and the service does not receive the request. */
  answer?: FaultAnswer;
  /**
   * The connection closes without a response: "before" the service receives the request, or "after" the service has
   * handled it. An upgrade is always dropped before.
   */
  drop?: "before" | "after";
}

/** The requests that a rule applies to. All given conditions must match. `*` in a pattern matches any text. */
export interface FaultRule extends Omit<FaultEffect, "answer"> {
  /** As in the effect; a function makes the answer for the host that was asked. */
  answer?: FaultAnswer | ((host: string) => FaultAnswer);
  /** Host pattern, for example *.azure-devices.net. */
  host?: string;
  /** HTTP method, in capitals. */
  method?: string;
  /** Pattern of the path with the query, for example /devices*. */
  path?: string;
  /** Whether `path` is compared without the query; default false. */
  ignoresQuery?: boolean;
  /** Maximum number of requests that the rule applies to; default no limit. */
  first?: number;
  /** Number of matching requests to ignore before the rule applies; default 0. */
  skip?: number;
  /** Share of the matching requests that the rule applies to, from 0 to 1; default 1. */
  rate?: number;
  /** Seed of the random choice by `rate`. The same seed chooses the same requests. Default 1. */
  seed?: number;
  /** Called for each request that the rule applies to. */
  onApplied?: () => void;
}

/** What a rule matches: an HTTP request, or an equivalent of another protocol, such as an MQTT packet and its topic. */
export type FaultTarget = Pick<IncomingMessage, "method" | "url">;

interface ActiveRule {
  rule: FaultRule;
  matches: (host: string, req: FaultTarget) => boolean;
  seen: number;
  picked: number;
  random: () => number;
}

/** Injects failures in place of the endpoints, to test how clients handle them. */
export class Faults {
  private rules: ActiveRule[] = [];

  /** Adds a rule. Rules apply in the order in which they were added. @returns A function that removes the rule. */
  add(rule: FaultRule): () => void {
    const host = compilePattern(rule.host);
    const path = compilePattern(rule.path);
    const added: ActiveRule = {
      rule,
      matches: (name, { method, url = "" }) =>
        host.test(name) &&
        path.test(rule.ignoresQuery ? url.split("?", 1).join() : url) &&
        (!rule.method || rule.method === method),
      seen: 0,
      picked: 0,
      random: seededRandom(rule.seed ?? 1),
    };
    this.rules.push(added);
    return () => {
      this.rules = this.rules.filter((other) => other !== added);
    };
  }

  clear(): void {
    this.rules = [];
  }

  /** The effect on a request. Delays add up; the first rule with an answer or a drop ends the search. */
  pick(host: string, req: FaultTarget): FaultEffect | undefined {
    let effect: FaultEffect | undefined;
    for (const active of this.rules) {
      if (!active.matches(host, req) || !countMatch(active)) continue;
      const { delayMs, until, answer, drop, onApplied } = active.rule;
      onApplied?.();
      effect ??= {};
      if (delayMs) effect.delayMs = (effect.delayMs ?? 0) + delayMs;
      if (until) effect.until = Promise.all([effect.until, until]);
      if (typeof answer === "function") return { ...effect, answer: answer(host), drop };
      if (answer || drop) return { ...effect, answer, drop };
    }
    return effect;
  }
}

/** Delays a request as an effect says. */
export async function delayRequest({ delayMs, until }: FaultEffect): Promise<void> {
  if (delayMs) await sleep(delayMs);
  await until;
}

/**
 * A response that is discarded: the service handles the request with it, and the client's connection then closes
 * without any byte of the response.
 */
export function lostResponse(req: IncomingMessage): ServerResponse {
  const res = new ServerResponse(req);
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  res.assignSocket(sink as Socket);
  res.on("close", () => req.socket.destroy());
  res.on("finish", () => req.socket.destroy());
  return res;
}

/** Sends the response of a rule. It reads and discards the body of the request, so that the connection stays usable. */
export function sendAnswer(req: IncomingMessage, res: ServerResponse, answer: FaultAnswer): void {
  req.resume();
  res.writeHead(answer.status, answer.headers);
  res.end(answer.body);
}

/** Counts a matching request, and returns whether the rule applies to it. */
function countMatch(active: ActiveRule): boolean {
  const { first = Infinity, skip = 0, rate = 1 } = active.rule;
  active.seen += 1;
  if (active.seen <= skip || active.picked >= first || (rate < 1 && active.random() >= rate)) return false;
  active.picked += 1;
  return true;
}

function compilePattern(text: string | undefined): RegExp {
  return new RegExp(text === undefined ? "" : `^${text.split("*").map(RegExp.escape).join(".*")}$`, "i");
}

/** The pseudorandom generator Mulberry32: its distribution is good enough to choose requests. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
