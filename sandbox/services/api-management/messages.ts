import type { IncomingHttpHeaders } from "node:http";
import { pipeline, type Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { CsException } from "./expressions/exception.ts";
import type { Url } from "./url.ts";

/** Hop-by-hop headers of HTTP/1.1, which are never forwarded. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that are sent once for each value. The values of all others are joined with commas. */
const separate = new Set([
  "user-agent",
  "www-authenticate",
  "proxy-authenticate",
  "cookie",
  "set-cookie",
  "warning",
  "date",
  "expires",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "retry-after",
]);

/** A valid header name. Source: RFC 9110, 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The headers of one message. Names are case-insensitive. */
export class Headers {
  private readonly entries = new Map<string, { name: string; values: string[] }>();

  /** @param raw Alternating names and values, as Node's rawHeaders. Hop-by-hop headers are dropped. */
  static fromRaw(raw: string[]): Headers {
    const headers = new Headers();
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = raw[at] as string;
      if (!hopByHop.has(name.toLowerCase())) headers.append(name, [raw[at + 1] as string]);
    }
    return headers;
  }

  get(name: string): string[] | undefined {
    return this.entries.get(name.toLowerCase())?.values;
  }

  set(name: string, values: string[]): void {
    this.entries.set(name.toLowerCase(), { name, values });
  }

  append(name: string, values: string[]): void {
    this.set(name, [...(this.get(name) ?? []), ...values]);
  }

  delete(name: string): void {
    this.entries.delete(name.toLowerCase());
  }

  /** Every header's name and values. */
  all(): [string, string[]][] {
    return [...this.entries.values()].map(({ name, values }) => [name, values]);
  }

  copy(): Headers {
    const copy = new Headers();
    for (const { name, values } of this.entries.values()) copy.set(name, [...values]);
    return copy;
  }

  /** Headers in the form that Node's http module expects. */
  toNode(): IncomingHttpHeaders & Record<string, string | string[]> {
    const named = [...this.entries.values()].map(({ name, values }): [string, string | string[]] => [
      name,
      separate.has(name.toLowerCase()) && values.length > 1 ? values : values.join(","),
    ]);
    return Object.fromEntries(named);
  }
}

/** A message body: a stream until its bytes are needed. */
export class Body {
  private content: Readable | Buffer | undefined;

  constructor(content: Readable | Buffer) {
    this.content = content;
  }

  /** Reads the stream into memory, so that `read` can be called. */
  async load(): Promise<void> {
    if (this.content && !Buffer.isBuffer(this.content)) this.content = await buffer(this.content);
  }

  /**
   * Returns the bytes, for IMessageBody.As<T>.
   * @param preserve Whether the body stays available and is forwarded; otherwise it is consumed, as in Azure.
   */
  read(preserve: boolean): Buffer {
    if (!Buffer.isBuffer(this.content)) {
      throw new CsException(
        "InvalidOperationException",
        "The message body has been read already and is lost.",
      );
    }
    const bytes = this.content;
    if (!preserve) this.content = undefined;
    return bytes;
  }

  /** Buffers the stream in blocks of 8 KB. Source: "Forward request", buffer-response. */
  gather(): void {
    if (this.content && !Buffer.isBuffer(this.content)) this.content = gathered(this.content);
  }

  /** Destroys a stream that will not be read. */
  discard(): void {
    if (this.content && !Buffer.isBuffer(this.content)) this.content.destroy();
  }

  /** The content to send: bytes, a stream, or undefined after it was consumed. */
  get remaining(): Readable | Buffer | undefined {
    return this.content;
  }
}

const maxGatheredBytes = 8192;

function gathered(source: Readable): Readable {
  let waiting: Buffer[] = [];
  let size = 0;
  const gather = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting.push(chunk);
      size += chunk.length;
      if (size < maxGatheredBytes) return done();
      const whole = Buffer.concat(waiting);
      [waiting, size] = [[], 0];
      done(null, whole);
    },
    flush(done) {
      done(null, Buffer.concat(waiting));
    },
  });
  // Errors reach the reader of the returned stream.
  pipeline(source, gather, () => {});
  return gather;
}

/** An outgoing request to a backend or another service. */
export class RequestMessage {
  method: string;
  url: Url;
  headers: Headers;
  /** Null when the request has no body. */
  body: Body | null;

  constructor(method: string, url: Url, headers: Headers, body: Body | null) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
  }
}

/** A response of a backend, of another service, or of the gateway itself: IResponse in expressions. */
export class ResponseMessage {
  status: number;
  reason: string;
  headers: Headers;
  body: Body;

  constructor(status: number, reason: string, headers = new Headers(), body = new Body(Buffer.alloc(0))) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    this.body = body;
  }
}
