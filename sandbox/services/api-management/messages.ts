import type { IncomingHttpHeaders } from "node:http";
import { pipeline, type Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { CsException } from "./expressions/exception.ts";
import type { Url } from "./url.ts";

/** Header names of HTTP/1.1 that belong to one connection and are never passed on. */
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

/** Headers that are sent once for each value; the values of all others are joined with commas. */
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

/** What a header's name is made of. Source: RFC 9110, 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The headers of one message, by name without regard to case. */
export class Headers {
  private readonly entries = new Map<string, { name: string; values: string[] }>();

  /** @param raw Names and values in turn, as Node's rawHeaders; those of the connection itself are left out. */
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

  /** As Node's http takes them. */
  toNode(): IncomingHttpHeaders & Record<string, string | string[]> {
    const named = [...this.entries.values()].map(({ name, values }): [string, string | string[]] => [
      name,
      separate.has(name.toLowerCase()) && values.length > 1 ? values : values.join(","),
    ]);
    return Object.fromEntries(named);
  }
}

/** A message's body: a stream until something wants its bytes. */
export class Body {
  private content: Readable | Buffer | undefined;

  constructor(content: Readable | Buffer) {
    this.content = content;
  }

  /** Reads a stream to its end, so that `read` can be called. */
  async load(): Promise<void> {
    if (this.content && !Buffer.isBuffer(this.content)) this.content = await buffer(this.content);
  }

  /**
   * The bytes, for IMessageBody.As<T>.
   * @param preserve Whether they can be read again and are sent on; otherwise the body is lost, as in Azure.
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

  /** Holds what a stream brings back until there are 8 KB of it. Source: "Forward request", buffer-response. */
  gather(): void {
    if (this.content && !Buffer.isBuffer(this.content)) this.content = gathered(this.content);
  }

  /** Ends a stream that nobody will read any more. */
  discard(): void {
    if (this.content && !Buffer.isBuffer(this.content)) this.content.destroy();
  }

  /** What is left to send: the bytes, the stream, or nothing when it was read without preserving. */
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
  // Whoever reads the other end is told of errors.
  pipeline(source, gather, () => {});
  return gather;
}

/** A request on its way to a backend or to another service. */
export class RequestMessage {
  method: string;
  url: Url;
  headers: Headers;
  /** Null when the request has none. */
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
