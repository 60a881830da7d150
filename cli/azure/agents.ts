import { Agent } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { t } from "../words/translate.ts";
import { type NetworkSettings, proxyFor } from "./network.ts";
import { isCertificateError, ProxyFailures, printableHeader } from "./network-errors.ts";

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

/**
 * Adds the host and the issuer to the error of a certificate that is not accepted. Node's event "secure" comes before it verifies
 * the certificate; afterwards the certificate can no longer be read.
 */
function nameIssuer<T extends Socket>(socket: T, host: string): T {
  let issuer: string | undefined;
  socket.prependOnceListener("secure", () => {
    const { O: organization, CN: name } = (socket as unknown as TLSSocket).getPeerCertificate().issuer ?? {};
    issuer = [organization, name]
      .flat()
      .filter((part) => part && /^[\x20-\x7e]{1,80}$/.test(part))
      .join(", ");
  });
  socket.prependListener("error", (error: NodeJS.ErrnoException) => {
    if (!isCertificateError(error) || error.message.includes(host)) return;
    error.message = issuer
      ? t`${error.message} (${host}, issued by ${JSON.stringify(issuer)})`
      : t`${error.message} (${host})`;
  });
  return socket;
}

const contexts = new WeakMap<NetworkSettings, SecureContext>();

/** The settings of TLS. All connections share one context: creating one takes memory and almost a millisecond. */
function secureContextOf(network: NetworkSettings): SecureContext {
  const context = contexts.get(network) ?? createSecureContext({ ca: network.ca });
  contexts.set(network, context);
  return context;
}

/** Connects directly, and closes connections that are idle for `idleMs` during a request. */
class DirectAgent extends Agent {
  private readonly idleMs: number;

  constructor({ ca }: NetworkSettings, idleMs: number) {
    super({ keepAlive: true, ca });
    this.idleMs = idleMs;
  }

  override createConnection(...options: Parameters<Agent["createConnection"]>) {
    const socket = super.createConnection(...options) as Socket;
    return limitIdleTime(nameIssuer(socket, String(options[0].host)), this.idleMs);
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

/** The arguments of `connect`: the request, and the host and port to connect to. */
type ConnectArguments = Parameters<HttpsProxyAgent<string>["connect"]>;

/** The members of a proxy's answer to CONNECT that are used here. */
interface ConnectAnswer {
  statusCode: number;
  statusText: string;
}

/** Tunnels TLS through an HTTP proxy. An answer to CONNECT other than 200 is an error, and never an answer of the host. */
class TunnelAgent extends HttpsProxyAgent<string> {
  protected readonly idleMs: number;
  private readonly failures: ProxyFailures;
  private readonly network: NetworkSettings;

  /** @param idleMs Maximum time in milliseconds for the proxy to open a tunnel. */
  constructor(proxy: string, network: NetworkSettings, idleMs: number) {
    super(proxy, { keepAlive: true, maxSockets: 64 });
    this.network = network;
    this.idleMs = idleMs;
    this.failures = new ProxyFailures(this.proxy);
  }

  override async connect(...[request, options]: ConnectArguments): Promise<Socket> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.idleMs).unref();
    try {
      return await this.tunnel(request, options, late.signal);
    } catch (error) {
      if (!late.signal.aborted) throw error;
      throw this.failures.silent(`${options.host}:${options.port}`, this.idleMs);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A new agent for each connection, so that `signal` ends this connection only. */
  private async tunnel(
    request: ConnectArguments[0],
    options: ConnectArguments[1],
    signal: AbortSignal,
  ): Promise<Socket> {
    const agent = new HttpsProxyAgent(this.proxy, { keepAlive: true, signal });
    const target = `${options.host}:${options.port}`;
    let answer: ConnectAnswer | undefined;
    agent.on("proxyConnect", (received: ConnectAnswer) => {
      answer = received;
    });
    let socket: Socket;
    try {
      socket = await agent.connect(
        request,
        Object.assign({}, options, { secureContext: secureContextOf(this.network) }),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw this.failures.failed(target, error as NodeJS.ErrnoException);
    }
    if (answer?.statusCode !== 200) {
      socket.destroy();
      throw this.failures.answered(target, answer?.statusCode ?? 0, answer?.statusText ?? "");
    }
    this.failures.opened();
    return nameIssuer(socket, String(options.host));
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
  override async connect(...parameters: ConnectArguments): Promise<Socket> {
    return limitIdleTime(await super.connect(...parameters), this.idleMs);
  }

  override reuseSocket(...[socket, request]: Parameters<Agent["reuseSocket"]>): void {
    super.reuseSocket(socket, request);
    (socket as Socket).setTimeout(this.idleMs);
  }
}

/** Remembers an HTTP answer in place of a WebSocket, which the MQTT client does not pass on. */
class WebSocketTunnelAgent extends TunnelAgent {
  lastAnswer: string | undefined;

  override async connect(...[request, options]: ConnectArguments): Promise<Socket> {
    this.lastAnswer = undefined;
    request.once("response", ({ statusCode, headers }) => {
      const answer = `${statusCode} (${printableHeader(headers["content-type"]) ?? "no content type"})`;
      this.lastAnswer = t`the answer did not come from the service: ${options.host ?? ""} answered through the proxy ${this.proxy.host} with ${answer}`;
    });
    return super.connect(request, options);
  }
}

/** Maximum time in milliseconds for a proxy to open a tunnel for a WebSocket. */
const webSocketTunnelMs = 20_000;

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
  if (proxy) return new WebSocketTunnelAgent(proxy, network, network.idleMs ?? webSocketTunnelMs);
  return network.ca === undefined ? undefined : new Agent({ ca: network.ca });
}

/** The HTTP answer that an agent of `webSocketAgent` got last in place of a WebSocket; undefined when there was none. */
export function webSocketFailure(agent: Agent | undefined): string | undefined {
  return agent instanceof WebSocketTunnelAgent ? agent.lastAnswer : undefined;
}
