import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { askedVersion } from "../service-version.ts";
import { operationHeader, passHeader, portPassHeader } from "./messages.ts";

/** Headers of one connection, and headers that only the sandbox may set. */
const notForwardedHeaders =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|forwarded|x-forwarded-.*|x-sandbox-.*)$/i;

/** How a request is forwarded to Azurite. */
export interface ForwardOptions {
  /** Azurite's port on 127.0.0.1. */
  port: number;
  /** Host name of the connection. Azurite reads the account from it, instead of the client's Host header. */
  host: string;
  /** Path and query of the parsed request. */
  target: string;
  tls: boolean;
  /** Azurite's name of the only operation that it may run; undefined: any. */
  operation: string | undefined;
  /** The secret that opens Azurite's ports. */
  portPass: string;
  /** The pass, when the sandbox has authorized the request. The client's credential is then not forwarded. */
  pass: string | undefined;
  /** The body, when it has already been read. */
  body: Buffer | undefined;
  /** Values that replace headers of Azurite's response, by name in lower case. */
  responseHeaders: Record<string, string>;
  /** Time of the response. */
  now: Date;
}

/** Forwards requests to Azurite and its responses to the client. Both are streamed. */
export class Forwarder {
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });

  /**
   * @param onResponse Called with Azurite's response before it is forwarded. When it returns a promise, it has replaced
   *   the response and reads its body. When the promise rejects, the connection closes.
   */
  forward(
    req: IncomingMessage,
    res: ServerResponse,
    options: ForwardOptions,
    onResponse: (response: IncomingMessage) => Promise<void> | undefined,
  ): void {
    const upstream = request({
      host: "127.0.0.1",
      port: options.port,
      agent: this.agent,
      method: req.method,
      path: options.target,
      headers: [
        ...["Host", options.host, "X-Forwarded-Proto", options.tls ? "https" : "http"],
        ...requestHeaders(req, options),
      ],
    });
    upstream.on("response", (response) => {
      response.on("error", () => res.destroy());
      try {
        const replaced = onResponse(response);
        if (replaced) return void replaced.catch(() => res.destroy());
        res.writeHead(response.statusCode!, response.statusMessage, responseHeaders(req, response, options));
        response.pipe(res);
      } catch {
        res.destroy();
      }
    });
    // Azurite may respond and close the connection before it has read the whole body.
    upstream.on("error", () => {
      if (!res.headersSent) res.destroy();
    });
    res.on("close", () => {
      if (!res.writableFinished) upstream.destroy();
    });
    sendBody(req, upstream, options.body);
  }

  close(): void {
    this.agent.destroy();
  }
}

function sendBody(req: IncomingMessage, upstream: ClientRequest, body: Buffer | undefined): void {
  if (body) upstream.end(body);
  else req.pipe(upstream);
}

/** The raw headers. Azurite needs the signed names, order and repetitions. */
function requestHeaders(req: IncomingMessage, { operation, pass, portPass, body }: ForwardOptions): string[] {
  const headers: string[] = [portPassHeader, portPass];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i]!;
    if (notForwardedHeaders.test(name) || (pass && name.toLowerCase() === "authorization")) continue;
    if (body && name.toLowerCase() === "content-length") continue;
    const value = req.rawHeaders[i + 1]!;
    headers.push(name, name.toLowerCase() === "authorization" ? canonicalScheme(value) : value);
  }
  if (body) headers.push("content-length", String(body.length));
  else if (req.headers["transfer-encoding"]) headers.push("transfer-encoding", "chunked");
  if (operation) headers.push(operationHeader, operation);
  if (pass) headers.push(passHeader, pass);
  return headers;
}

/** Azurite compares the scheme's case, but schemes have none (RFC 9110, 11.1). A signature does not cover this header. */
function canonicalScheme(authorization: string): string {
  return authorization.replace(
    /^SharedKey(Lite)? +/i,
    (_, lite?: string) => `SharedKey${lite ? "Lite" : ""} `,
  );
}

function responseHeaders(
  req: IncomingMessage,
  response: IncomingMessage,
  { responseHeaders, now }: ForwardOptions,
): string[] {
  const version = askedVersion(req);
  const replaced: Record<string, string> = version
    ? { "x-ms-version": version, ...responseHeaders }
    : responseHeaders;
  const headers: string[] = [];
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    const name = response.rawHeaders[i]!;
    if (/^(connection|keep-alive|date|server)$/i.test(name)) continue;
    headers.push(name, replaced[name.toLowerCase()] ?? response.rawHeaders[i + 1]!);
  }
  return [...headers, "Date", now.toUTCString()];
}
