import { X509Certificate } from "node:crypto";
import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { type Attempt, noFacts } from "../../../../../cli/network/doctor/facts.ts";
import { askHttp, askUpgrade } from "../../../../../cli/network/doctor/probe/http-answer.ts";
import { thisComputer } from "../../../../../cli/network/doctor/surroundings.ts";
import type { Destination } from "../../../../../cli/network/endpoint-list.ts";
import { startHttp } from "../../../../support/loopback-network.ts";

type Row = Pick<Destination, "service" | "transport">;

const root = Buffer.from(new X509Certificate(rootCertificates[0] as string).raw);
/** `unauthorized` of RFC 6960, section 2.3: what an OCSP responder answers for another issuer's certificate. */
const ocspAnswer = Buffer.from([0x30, 0x03, 0x0a, 0x01, 0x06]);

const silence: RequestListener = () => {};

async function ask(answer: RequestListener, row: Row, kind: "get" | "upgrade" = "get"): Promise<Attempt> {
  await using server = await startHttp(answer);
  const attempt: Attempt = { port: server.port, facts: { ...noFacts }, details: {} };
  const stageMs = answer === silence ? 300 : 60_000;
  const context = { surroundings: thisComputer, stageMs, stop: new AbortController().signal };
  const question = { host: "crl.example", path: "/root.crl" };
  const socket = connect(server.port, "127.0.0.1");
  if (kind === "get") await askHttp(context, attempt, socket, { question, row });
  else await askUpgrade(context, attempt, socket, question);
  return attempt;
}

const reply =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = ""): RequestListener =>
  (_, res) =>
    void res.writeHead(status, headers).end(body);
const html = { "content-type": "text/html; charset=utf-8" };

describe("a host of certificates", () => {
  const row: Row = { service: "certificate-status", transport: "http" };

  test.each<[string, RequestListener, Attempt["facts"]["http"]]>([
    ["a certificate", reply(200, { "content-type": "application/pkix-cert" }, root), "service"],
    ["an OCSP answer", reply(200, { "content-type": "application/ocsp-response" }, ocspAnswer), "service"],
    [
      "a long revocation list",
      reply(200, {}, Buffer.concat([Buffer.from([0x30, 0x83, 1, 0, 0]), Buffer.alloc(65_536)])),
      "service",
    ],
    ["a cabinet file", reply(200, {}, "MSCF\0\0\0\0"), "service"],
    ["a page", reply(200, html, "<html>"), "page"],
    [
      "a page in place of a certificate's type",
      reply(200, { "content-type": "application/pkix-crl" }, "<html>"),
      "unclear",
    ],
    ["a text that begins like a sequence", reply(200, {}, "0123456789"), "unclear"],
    ["half a certificate", reply(200, {}, root.subarray(0, 100)), "unclear"],
    ["200 without content", reply(200), "unclear"],
    ["511", reply(511, html, "<html>"), "page"],
    ["404 with a page", reply(404, html, "<html>"), "unclear"],
    ["404 with a text", reply(404, { "content-type": "text/plain" }, "no"), "unclear"],
    ["400", reply(400), "unclear"],
    ["403", reply(403), "unclear"],
    ["405", reply(405), "unclear"],
    ["502", reply(502), "unclear"],
    ["407", reply(407), "foreign"],
    ["a redirect to another host", reply(302, { location: "http://portal.example/" }), "redirect"],
    [
      "a redirect to another host without a scheme",
      reply(303, { location: "//portal.example/" }),
      "redirect",
    ],
    ["a redirect to a path of the same host", reply(302, { location: "/login" }), "unclear"],
    [
      "a redirect to HTTPS of the same host",
      reply(301, { location: "https://crl.example/root.crl" }),
      "unclear",
    ],
    ["nothing", silence, "timeout"],
    ["an end without an answer", (_, res) => void res.destroy(), "closed"],
  ])("that answers with %s", async (_, answer, expected) => {
    expect((await ask(answer, row)).facts.http).toBe(expected);
  });
});

describe("the Flow API without keys", () => {
  const row: Row = { service: "flow-api", transport: "https" };
  const json = { "content-type": "application/json" };

  test.each<[string, RequestListener, Attempt["facts"]["http"]]>([
    ["the gateway's 404", reply(404, json, '{"statusCode":404,"message":"Resource not found"}'), "service"],
    ["the gateway's 401", reply(401, json, '{"statusCode":401,"message":"Access denied"}'), "service"],
    ["200, which needs keys", reply(200, json, '{"statusCode":200}'), "foreign"],
    ["an error of another program", reply(403, json, '{"error":"blocked"}'), "foreign"],
    ["the status of another answer", reply(403, json, '{"statusCode":404}'), "foreign"],
    ["a page", reply(401, html, '{"statusCode":401}'), "foreign"],
  ])("that answers with %s", async (_, answer, expected) => {
    expect((await ask(answer, row)).facts.http).toBe(expected);
  });
});

describe("a WebSocket upgrade", () => {
  test.each<[string, RequestListener, Attempt["facts"]["upgrade"], string]>([
    ...[200, 302, 400, 403, 404, 426, 502].map((status): [string, RequestListener, "refused", string] => [
      String(status),
      reply(status, { location: "https://portal.example/" }),
      "refused",
      `HTTP ${status}`,
    ]),
    ["nothing", silence, "timeout", "no answer"],
    ["an end without an answer", (_, res) => void res.destroy(), "closed", "ECONNRESET"],
  ])("that is answered with %s is not opened", async (_, answer, expected, detail) => {
    const { facts, details } = await ask(answer, { service: "iot-hub", transport: "websocket" }, "upgrade");
    expect(facts.upgrade).toBe(expected);
    expect(details.detail).toBe(detail);
  });
});
