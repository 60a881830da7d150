import { createHash, randomBytes } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { expectServiceAnswer } from "../../../azure/service-answer.ts";
import type { Destination } from "../../endpoint-list.ts";
import type { Attempt } from "../facts.ts";
import { StageTimeout, waitForStage } from "../limits.ts";
import { codeOf } from "../surroundings.ts";
import { schemesOf } from "./open-socket.ts";
import type { ProbeContext } from "./probe-context.ts";

/** Largest part of an answer that is looked at, in bytes. */
const maxBodyBytes = 16 * 1024;
/** A clock that is more than this many seconds off is refused. */
export const maxClockSeconds = 300;
/** Fixed by RFC 6455, section 1.3. */
const webSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface Question {
  host: string;
  path: string;
  headers?: Record<string, string>;
}

/** Sends a GET and judges who answered. */
export async function askHttp(
  context: ProbeContext,
  attempt: Attempt,
  socket: Socket,
  { question, row }: { question: Question; row: Pick<Destination, "service" | "transport"> },
): Promise<void> {
  const { facts, details } = attempt;
  try {
    const answer = await waitForStage(() => get(socket, question), context);
    details.status = String(answer.status);
    details.contentType = shown(answer.headers["content-type"]) ?? "no content type";
    facts.http = judge(row, question, answer);
    const offers = answer.headers["proxy-authenticate"];
    if (offers) details.scheme = schemesOf(offers);
    if (facts.http === "redirect") details.portal = locationOf(answer, question)?.host ?? "?";
    if (facts.http === "page") details.portal = `HTTP ${answer.status}`;
    recordClock(context, attempt, answer.headers.date);
  } catch (error) {
    facts.http = error instanceof StageTimeout ? "timeout" : "closed";
    details.detail = error instanceof StageTimeout ? "no answer" : codeOf(error) || "closed";
  } finally {
    socket.destroy();
  }
}

/** Asks for a WebSocket of MQTT, as terminals do. Its sign-in would come after that. */
export async function askUpgrade(
  context: ProbeContext,
  { facts, details }: Attempt,
  socket: Socket,
  { host, path }: Question,
): Promise<void> {
  const key = randomBytes(16).toString("base64");
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": key,
    "sec-websocket-protocol": "mqtt",
  };
  const ask = () =>
    new Promise<{ status: number; accept: unknown }>((resolve, reject) => {
      const call = startGet(socket, { host, path, headers });
      call.once("upgrade", (answer) => {
        resolve({ status: 101, accept: answer.headers["sec-websocket-accept"] });
      });
      call.once("response", (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, accept: undefined });
      });
      call.once("error", reject);
    });
  try {
    const { status, accept } = await waitForStage(ask, context);
    details.upgradeStatus = String(status);
    const expected = createHash("sha1").update(`${key}${webSocketGuid}`).digest("base64");
    facts.upgrade = accept === expected ? "ok" : "refused";
    if (facts.upgrade === "refused") details.detail = `HTTP ${status}`;
  } catch (error) {
    facts.upgrade = error instanceof StageTimeout ? "timeout" : "closed";
    details.detail = error instanceof StageTimeout ? "no answer" : codeOf(error) || "closed";
  } finally {
    socket.destroy();
  }
}

function startGet(socket: Socket, { host, path, headers }: Question): ClientRequest {
  const call = request({ path, headers: { host, ...headers }, createConnection: () => socket });
  call.end();
  return call;
}

async function get(socket: Socket, question: Question): Promise<Answer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    startGet(socket, question).once("response", resolve).once("error", reject);
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBodyBytes) break;
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function judge(
  { service, transport }: Pick<Destination, "service" | "transport">,
  question: Question,
  answer: Answer,
): Attempt["facts"]["http"] {
  const { status, headers } = answer;
  const location = locationOf(answer, question);
  if (status >= 300 && status < 400 && location && location.hostname !== question.host) return "redirect";
  const isPage = /^text\/html/i.test(headers["content-type"] ?? "");
  if (transport === "http") return judgeFile(answer, isPage);
  const body = answer.body.toString("utf8");
  if (service === "flow-api") return !isPage && isGatewayAnswer(status, body) ? "service" : "foreign";
  try {
    expectServiceAnswer({
      method: "GET",
      url: `https://${question.host}${question.path}`,
      status,
      header: (name) => [headers[name]].flat()[0],
      body,
      proxyUrl: undefined,
    });
    return "service";
  } catch {
    return "foreign";
  }
}

/**
 * Judges the answer of a host of certificates. Only the file that was asked for proves that the host was reached. Any
 * device on the way can send another status: 403, 404 and 5xx decide nothing, also when the host itself no longer has the
 * file.
 */
function judgeFile({ status, body }: Answer, isPage: boolean): Attempt["facts"]["http"] {
  // 511 is what a network's sign-in page answers by RFC 6585.
  if (status === 511 || (isPage && status === 200)) return "page";
  if (status === 407) return "foreign";
  return status === 200 && isSignedFile(body) ? "service" : "unclear";
}

/**
 * Whether a body is a certificate, a revocation list or an OCSP answer, which are one ASN.1 sequence in DER (X.690, section
 * 8.1), or a cabinet file of Windows.
 */
function isSignedFile(body: Buffer): boolean {
  if (body.subarray(0, 4).toString("latin1") === "MSCF") return true;
  const first = body[1] ?? 0;
  if (body[0] !== 0x30 || first === 0x80 || first > 0x84) return false;
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  if (body.length < 2 + lengthBytes) return false;
  const total = 2 + lengthBytes + (lengthBytes === 0 ? first : body.readUIntBE(2, lengthBytes));
  return body.length > maxBodyBytes ? total >= body.length : total === body.length;
}

/** API Management answers an error with `{"statusCode": …, "message": …}`. Without keys, it answers nothing else. */
function isGatewayAnswer(status: number, body: string): boolean {
  try {
    return status >= 400 && (JSON.parse(body) as { statusCode?: unknown } | null)?.statusCode === status;
  } catch {
    return false;
  }
}

/** Where an answer redirects to. The location can be relative (RFC 9110, section 10.2.2). */
function locationOf({ headers }: Answer, { host }: Question): URL | undefined {
  return headers.location === undefined
    ? undefined
    : (URL.parse(headers.location, `http://${host}/`) ?? undefined);
}

/** Compares the clock with the Date of an answer, which has whole seconds. */
function recordClock(
  { surroundings }: ProbeContext,
  { facts, details }: Attempt,
  date: string | undefined,
): void {
  const time = Date.parse(date ?? "");
  if (Number.isNaN(time)) return;
  setClock({ facts, details }, (surroundings.now() - time) / 1000);
}

/** @param seconds How far this computer's clock is ahead; negative when it is behind. */
export function setClock({ facts, details }: Pick<Attempt, "facts" | "details">, seconds: number): void {
  facts.clock = Math.abs(seconds) > maxClockSeconds ? "off" : "ok";
  details.clockSeconds = String(Math.round(seconds));
  details.direction = seconds > 0 ? "ahead" : "behind";
  details.minutes = String(Math.round(Math.abs(seconds) / 60));
}

function shown(text: string | undefined): string | undefined {
  return text && /^[\x20-\x7e]+$/.test(text) ? text.slice(0, 60) : undefined;
}
