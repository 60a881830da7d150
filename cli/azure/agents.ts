import { Agent } from "node:https";
import type { Socket } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { type NetworkSettings, proxyFor } from "./network.ts";

/** Error for a connection that was idle too long. The Azure SDKs retry after an error with this code. */
function idleError(ms: number): Error {
  return Object.assign(new Error(`no data received for ${ms / 1000} seconds`), { code: "ETIMEDOUT" });
}

/** The socket's own timer ends with the socket and does not keep the process running. */
function limitIdleTime<T extends Socket>(socket: T, ms: number): T {
  socket.setTimeout(ms);
  socket.on("timeout", () => socket.destroy(idleError(ms)));
  return socket;
}

/** Connects directly, and closes connections that are idle for `idleMs` during a request. */
class DirectAgent extends Agent {
  private readonly idleMs: number;

  constructor({ ca }: NetworkSettings, idleMs: number) {
    super({ keepAlive: true, ca });
    this.idleMs = idleMs;
  }

  override createConnection(...options: Parameters<Agent["createConnection"]>) {
    return limitIdleTime(super.createConnection(...options) as Socket, this.idleMs);
  }

  override reuseSocket(...[socket, request]: Parameters<Agent["reuseSocket"]>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(this.idleMs);
  }

  /** Azure's logger serializes a request with its agent. The agent's sockets hold the headers of earlier requests. */
  toJSON(): string {
    return "direct";
  }
}

/** Tunnels TLS through an HTTP proxy. */
class TunnelAgent extends HttpsProxyAgent<string> {
  private readonly ca: NetworkSettings["ca"];

  constructor(proxy: string, { ca }: NetworkSettings) {
    super(proxy, { keepAlive: true, maxSockets: 64 });
    this.ca = ca;
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>) {
    return this.tunnel(request, options, undefined);
  }

  /** A new agent for each connection, so that `signal` ends this connection only. */
  protected tunnel(
    request: Parameters<HttpsProxyAgent<string>["connect"]>[0],
    options: Parameters<HttpsProxyAgent<string>["connect"]>[1],
    signal: AbortSignal | undefined,
  ) {
    const agent = new HttpsProxyAgent(this.proxy, { keepAlive: true, signal });
    return agent.connect(
      request,
      this.ca === undefined ? options : Object.assign({}, options, { ca: this.ca }),
    );
  }

  /**
   * Its base class derives this from the call stack. That gives a wrong result when a connection returns to the pool,
   * and then the connection is never reused.
   */
  override isSecureEndpoint(): boolean {
    return true;
  }

  /** See `DirectAgent`. */
  toJSON(): string {
    return `proxy ${this.proxy.host}`;
  }
}

/** Connects through a proxy, and closes connections that are idle for `idleMs` during a request. */
class ProxyAgent extends TunnelAgent {
  private readonly idleMs: number;

  constructor(proxy: string, network: NetworkSettings, idleMs: number) {
    super(proxy, network);
    this.idleMs = idleMs;
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.idleMs).unref();
    try {
      return limitIdleTime(await this.tunnel(request, options, late.signal), this.idleMs);
    } catch (error) {
      throw late.signal.aborted ? idleError(this.idleMs) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  override reuseSocket(...[socket, request]: Parameters<Agent["reuseSocket"]>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(this.idleMs);
  }
}

const agentsByNetwork = new WeakMap<NetworkSettings, Map<string, Agent | ProxyAgent>>();

/**
 * The agent that holds the connections for a URL. It keeps connections open for later requests, also those through a
 * proxy: the agents of the Azure SDKs open a new one, with a new TLS handshake, for each request through a proxy.
 * @param idleMs Milliseconds without data after which a connection is closed during a request.
 */
export function agentFor(network: NetworkSettings, url: string, idleMs: number): Agent | ProxyAgent {
  const proxy = proxyFor(network, url);
  const agents = agentsByNetwork.get(network) ?? new Map<string, Agent | ProxyAgent>();
  agentsByNetwork.set(network, agents);
  const key = `${proxy ?? ""} ${idleMs}`;
  let agent = agents.get(key);
  if (!agent) {
    agent = proxy ? new ProxyAgent(proxy, network, idleMs) : new DirectAgent(network, idleMs);
    agents.set(key, agent);
  }
  return agent;
}

/**
 * The agent for a WebSocket to a URL, which may be idle for any time; undefined when Node's own agent will do.
 */
export function webSocketAgent(network: NetworkSettings, url: string): Agent | TunnelAgent | undefined {
  const proxy = proxyFor(network, url);
  if (proxy) return new TunnelAgent(proxy, network);
  return network.ca === undefined ? undefined : new Agent({ ca: network.ca });
}
