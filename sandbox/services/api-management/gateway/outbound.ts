import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { HttpsProxyAgent } from "https-proxy-agent";
import { Body, Headers, type RequestMessage, ResponseMessage } from "../messages.ts";
import type { Outbound } from "./exchange.ts";
import { GatewayError } from "./gateway-error.ts";

type Send = Outbound["send"];
type Options = Parameters<Send>[1];

/** Sends the gateway's requests through the sandbox's proxy, so that TLS settings and roles apply to them too. */
export class ProxyOutbound implements Outbound {
  private readonly proxyUrl: () => string;
  private readonly ca: () => string;
  private agent: { url: string; agent: HttpsProxyAgent<string> } | undefined;

  /**
   * @param proxyUrl Returns the CONNECT proxy's URL. Called for every request, because the proxy starts later.
   * @param ca The certificate authority (PEM) that the gateway trusts.
   */
  constructor(proxyUrl: () => string, ca: () => string) {
    this.proxyUrl = proxyUrl;
    this.ca = ca;
  }

  async send(message: RequestMessage, options: Options): Promise<ResponseMessage> {
    try {
      return await this.attempt(message, options);
    } catch (error) {
      // The server may have just closed a pooled connection.
      if (error instanceof StaleConnection) return this.attempt(message, options);
      throw error;
    }
  }

  close(): void {
    this.agent?.agent.destroy();
  }

  private async attempt(message: RequestMessage, options: Options): Promise<ResponseMessage> {
    const timeout = AbortSignal.timeout(options.seconds * 1000);
    const signals = options.signal ? [timeout, options.signal] : [timeout];
    const outgoing = this.open(message, options);
    // A limit for the headers ends when they arrive. A disconnect of the caller aborts at any time.
    const abort = () => outgoing.destroy(new Error(timeout.aborted ? "timeout" : "aborted"));
    for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
    try {
      const incoming = await answerTo(outgoing, message);
      if (!options.whole) timeout.removeEventListener("abort", abort);
      const body = new Body(incoming);
      const response = new ResponseMessage(
        incoming.statusCode ?? 502,
        incoming.statusMessage ?? "",
        Headers.fromRaw(incoming.rawHeaders),
        body,
      );
      if (options.whole) await body.load();
      return response;
    } catch (error) {
      throw this.failure(error as Error, timeout, message, options, outgoing);
    } finally {
      if (options.whole) for (const signal of signals) signal.removeEventListener("abort", abort);
    }
  }

  private open(message: RequestMessage, { tls }: Options): ClientRequest {
    const { url } = message;
    const headers = { ...message.headers.toNode() };
    for (const name of Object.keys(headers))
      if (name.toLowerCase() === "content-length") delete headers[name];
    const length = contentLength(message);
    if (length !== undefined) headers["Content-Length"] = String(length);
    // Node does not frame the body of a GET or DELETE: the server would read it as the next request.
    else if (message.body) headers["Transfer-Encoding"] = "chunked";
    const request: RequestOptions & {
      ca: string;
      rejectUnauthorized: boolean;
      servername: string;
      checkServerIdentity?: () => undefined;
    } = {
      method: message.method,
      // Part of the key under which the agent pools connections.
      protocol: `${url.scheme}:`,
      host: url.host,
      port: url.port,
      // Otherwise Node verifies the certificate against the Host header.
      servername: isIP(url.host) ? "" : url.host,
      path: `${url.path}${url.queryString}`,
      headers,
      agent: this.agentNow(),
      ca: this.ca(),
      rejectUnauthorized: tls.chain,
      ...(tls.name ? {} : { checkServerIdentity: () => undefined }),
    };
    try {
      return url.scheme === "https" ? httpsRequest(request) : httpRequest(request);
    } catch {
      // Node rejects characters that HTTP does not allow, and its message would repeat the value.
      throw new GatewayError(500, "BackendConnectionFailure", `A request to ${url.host} is not valid HTTP.`);
    }
  }

  private failure(
    error: Error,
    timeout: AbortSignal,
    message: RequestMessage,
    { seconds, signal }: Options,
    outgoing: ClientRequest,
  ): Error {
    const { host } = message.url;
    if (signal?.aborted) return new GatewayError(499, "ClientConnectionFailure", "The caller is gone.");
    if (timeout.aborted)
      return new GatewayError(500, "Timeout", `${host} did not answer within ${seconds} s.`);
    const reset =
      (error as NodeJS.ErrnoException).code === "ECONNRESET" || error.message === "socket hang up";
    const repeatable = ["GET", "HEAD"].includes(message.method) && !message.body;
    const Failure = reset && outgoing.reusedSocket && repeatable ? StaleConnection : GatewayError;
    const reason = `The connection to ${host} failed: ${error.message}`;
    return new Failure(500, "BackendConnectionFailure", reason);
  }

  private agentNow(): HttpsProxyAgent<string> {
    const url = this.proxyUrl();
    if (this.agent?.url !== url) {
      this.agent?.agent.destroy();
      this.agent = { url, agent: new HttpsProxyAgent(url, { keepAlive: true }) };
    }
    return this.agent.agent;
  }
}

/** Whether a pooled connection was closed before the server can have processed the request. */
class StaleConnection extends GatewayError {}

/** Sends the body and waits for the response headers. */
function answerTo(outgoing: ClientRequest, message: RequestMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    // A response of the proxy itself is not the server's.
    outgoing.on("proxyConnect", (connect: { statusCode: number }) => {
      if (connect.statusCode !== 200) outgoing.destroy(new Error(`the proxy answered ${connect.statusCode}`));
    });
    const content = message.body?.remaining;
    if (content === undefined || Buffer.isBuffer(content)) outgoing.end(content);
    else content.on("error", (error) => outgoing.destroy(error)).pipe(outgoing);
  });
}

/** Content-Length: the number of bytes in memory, or what the sender of a stream declared. Undefined means chunked or no body. */
function contentLength(message: RequestMessage): number | undefined {
  if (!message.body) return ["GET", "HEAD", "DELETE", "OPTIONS"].includes(message.method) ? undefined : 0;
  const content = message.body.remaining;
  if (content === undefined) return 0;
  if (Buffer.isBuffer(content)) return content.length;
  const said = message.headers.get("content-length")?.[0];
  return said === undefined ? undefined : Number(said);
}
