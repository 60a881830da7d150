import { Agent } from "node:https";
import type { Socket } from "node:net";
import type { PipelinePolicy, PipelineRequest } from "@azure/core-rest-pipeline";
import type { RequestPolicyFactory } from "@azure/storage-blob";
import { HttpsProxyAgent } from "https-proxy-agent";
import { heard } from "./stall-watch.ts";

/** How long a connection may stand still while something is waited for, in milliseconds. */
export const idleMs = 60_000;
/**
 * So many times longer may it stand still while much is sent: what this computer has handed to a slow line is on its way
 * for minutes without a sign. Storage takes 10 minutes for each megabyte of a block ("Setting timeouts for Blob service
 * operations").
 */
const patienceWithUploads = 5;
const muchBytes = 256 * 1024;

/** Ends a connection that stands still; the Azure SDKs try again after an error of this code. */
function standingStill(ms: number): Error {
  return Object.assign(new Error(`nothing came for ${ms / 1000} seconds`), { code: "ETIMEDOUT" });
}

/** The timer is the connection's own: it ends with it, and holds up nothing. */
function limited<T extends Socket>(socket: T, ms: number): T {
  socket.setTimeout(ms);
  socket.on("timeout", () => socket.destroy(standingStill(ms)));
  return socket;
}

class DirectAgent extends Agent {
  private readonly idleMs: number;

  constructor(ms: number) {
    super({ keepAlive: true });
    this.idleMs = ms;
  }

  override createConnection(...options: Parameters<Agent["createConnection"]>) {
    return limited(super.createConnection(...options) as Socket, this.idleMs);
  }

  override reuseSocket(...[socket, request]: Parameters<Agent["reuseSocket"]>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(this.idleMs);
  }

  /** Azure's logger writes a request with its agent, whose sockets hold the headers that went through them. */
  toJSON(): string {
    return "direct";
  }
}

class ProxyAgent extends HttpsProxyAgent<string> {
  private readonly idleMs: number;

  constructor(proxy: string, ms: number) {
    super(proxy, { keepAlive: true, maxSockets: 64 });
    this.idleMs = ms;
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.idleMs).unref();
    try {
      // An agent of its own for each connection, so that one that the proxy does not answer can be ended.
      const once = new HttpsProxyAgent(this.proxy, { keepAlive: true, signal: late.signal });
      return limited(await once.connect(request, options), this.idleMs);
    } catch (error) {
      throw late.signal.aborted ? standingStill(this.idleMs) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  override reuseSocket(...[socket, request]: Parameters<Agent["reuseSocket"]>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(this.idleMs);
  }

  /** Its base guesses from the call stack, wrongly when a connection comes back to the pool: it is never used again. */
  override isSecureEndpoint(): boolean {
    return true;
  }

  /** See `DirectAgent`. */
  toJSON(): string {
    return `proxy ${this.proxy.host}`;
  }
}

const agents = new Map<string, Agent | ProxyAgent>();

/**
 * Gives a request the agent that its connection comes from. The Azure SDKs read HTTPS_PROXY and NO_PROXY, but their
 * proxy agents make a new connection, with a new TLS handshake, for every request; and nothing of theirs ends a
 * connection that is accepted and never answered.
 */
function connect(request: Pick<PipelineRequest, "url" | "agent" | "headers">, ms: number): void {
  if (!request.url.startsWith("https:")) return;
  const proxy = (request.agent as { proxy?: URL } | undefined)?.proxy;
  const sendsMuch = Number(request.headers.get("content-length") ?? 0) > muchBytes;
  const longest = sendsMuch ? ms * patienceWithUploads : ms;
  const key = `${proxy?.href ?? ""} ${longest}`;
  let agent = agents.get(key);
  if (!agent) {
    agent = proxy ? new ProxyAgent(proxy.href, longest) : new DirectAgent(longest);
    agents.set(key, agent);
  }
  request.agent = agent;
}

/**
 * For the clients of the Azure SDKs, as their option `additionalPolicies` takes it: connections are used again, also
 * through a proxy, and one that stands still is ended, with an error after which the SDK tries again. What counts is
 * that nothing comes and goes, not how long it all takes, so it holds for large files on slow lines too.
 * @param ms For how long; default `idleMs`, and more while much is sent.
 */
export function connections(ms = idleMs): PipelinePolicy {
  return {
    name: "connections",
    sendRequest(request, next) {
      connect(request, ms);
      return heard(request.url, next(request));
    },
  };
}

/** `connections` for the pipelines of `@azure/storage-blob`. */
export function connectionsFactory(ms = idleMs): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest(request) {
        connect(request as unknown as Parameters<typeof connect>[0], ms);
        return heard(request.url, next.sendRequest(request));
      },
    }),
  };
}

/** Options that all clients of the Azure SDKs are made with. */
export const clientOptions = {
  additionalPolicies: [{ policy: connections(), position: "perRetry" as const }],
  retryOptions: { maxRetries: 6, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
};
