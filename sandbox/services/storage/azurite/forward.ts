import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { operationHeader, passHeader } from "./messages.ts";

/** Headers of one connection, or that only the sandbox may set. */
const hopByHopHeaders =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|forwarded|x-forwarded-.*|x-sandbox-.*)$/i;

/** Passes requests on to Azurite and its answers back, both streamed. */
export class Forwarder {
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });

  /**
   * @param how.port Azurite's port.
   * @param how.host The host of the connection, which Azurite reads the account from, whatever the client's header.
   * @param how.target Path and query, as they were read.
   * @param how.operation Azurite's name of the one operation that it may run; any when left out.
   * @param how.pass Given when the sandbox has authorized the request itself; its own credential then stays here.
   * @param how.body The body, when it has been read already.
   * @param how.said Headers of the answer by their names in lower case, where Azurite would say others.
   * @param answered Told of Azurite's answer before it is passed back. It may take the answer over by returning a
   *   promise of that; the body is then its to read, and a failure ends the connection.
   */
  forward(
    req: IncomingMessage,
    res: ServerResponse,
    how: {
      port: number;
      host: string;
      target: string;
      tls: boolean;
      operation: string | undefined;
      pass: string | undefined;
      body: Buffer | undefined;
      said: Record<string, string>;
      now: Date;
    },
    answered: (answer: IncomingMessage) => Promise<void> | undefined,
  ): void {
    const upstream = request({
      host: "127.0.0.1",
      port: how.port,
      agent: this.agent,
      method: req.method,
      path: how.target,
      headers: [
        ...["Host", how.host, "X-Forwarded-Proto", how.tls ? "https" : "http"],
        ...headersOf(req, how),
      ],
    });
    upstream.on("response", (answer) => {
      answer.on("error", () => res.destroy());
      try {
        const taken = answered(answer);
        if (taken) return void taken.catch(() => res.destroy());
        res.writeHead(answer.statusCode!, answer.statusMessage, answerHeaders(answer, how));
        answer.pipe(res);
      } catch {
        res.destroy();
      }
    });
    // Azurite may answer and close before it has taken all of the body.
    upstream.on("error", () => {
      if (!res.headersSent) res.destroy();
    });
    res.on("close", () => {
      if (!res.writableFinished) upstream.destroy();
    });
    send(req, upstream, how.body);
  }

  close(): void {
    this.agent.destroy();
  }
}

function send(req: IncomingMessage, upstream: ClientRequest, body: Buffer | undefined): void {
  if (body) upstream.end(body);
  else req.pipe(upstream);
}

/** The raw headers, so that names, order and repeats reach Azurite as they were signed. */
function headersOf(
  req: IncomingMessage,
  how: { operation: string | undefined; pass: string | undefined; body: Buffer | undefined },
): string[] {
  const { operation, pass, body } = how;
  const headers: string[] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i]!;
    if (hopByHopHeaders.test(name) || (pass && name.toLowerCase() === "authorization")) continue;
    if (body && name.toLowerCase() === "content-length") continue;
    headers.push(name, req.rawHeaders[i + 1]!);
  }
  if (body) headers.push("content-length", String(body.length));
  else if (req.headers["transfer-encoding"]) headers.push("transfer-encoding", "chunked");
  if (operation) headers.push(operationHeader, operation);
  if (pass) headers.push(passHeader, pass);
  return headers;
}

function answerHeaders(
  answer: IncomingMessage,
  { said, now }: { said: Record<string, string>; now: Date },
): string[] {
  const headers: string[] = [];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i]!;
    if (/^(connection|keep-alive|date|server)$/i.test(name)) continue;
    headers.push(name, said[name.toLowerCase()] ?? answer.rawHeaders[i + 1]!);
  }
  return [...headers, "Date", now.toUTCString()];
}
