import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import {
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  rootCertificates,
  type TLSSocket,
} from "node:tls";
import type { Destination } from "../../endpoint-list.ts";
import type { Attempt } from "../facts.ts";
import { StageTimeout, waitForStage } from "../limits.ts";
import { codeOf } from "../surroundings.ts";
import type { ProbeContext } from "./probe-context.ts";

type TlsRow = Pick<Destination, "minimumTls" | "roots">;

/** Errors that say that the other side has no TLS version from the minimum on. */
const oldVersionCodes = new Set([
  "ERR_SSL_UNSUPPORTED_PROTOCOL",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_VERSION_TOO_LOW",
]);

/**
 * Opens TLS without refusing a certificate, so that the doctor can say whose it is. No secret is sent over it.
 * @param reopen Opens a second connection, to find out which old version the other side has.
 */
export async function openTls(
  context: ProbeContext,
  attempt: Attempt,
  socket: Socket,
  { host, row, reopen }: { host: string; row: TlsRow; reopen: () => Promise<Socket | undefined> },
): Promise<TLSSocket | undefined> {
  const { facts, details } = attempt;
  details.minimumTls = row.minimumTls ?? "1.2";
  try {
    const secured = await shakeHands(context, socket, host, `TLSv${row.minimumTls ?? "1.2"}`);
    facts.tls = "ok";
    details.tlsVersion = secured.getProtocol() ?? "?";
    details.cipher = secured.getCipher().name;
    facts.chain = judgeChain(context, secured, host, row, details);
    return secured;
  } catch (error) {
    socket.destroy();
    const code = codeOf(error);
    details.detail = code || "?";
    if (error instanceof StageTimeout) facts.tls = "timeout";
    else if (oldVersionCodes.has(code)) {
      facts.tls = "old-version";
      const { tcp, proxy } = facts;
      details.tlsVersion = await findOldVersion(context, host, reopen);
      // The second connection only finds out the version.
      Object.assign(facts, { tcp, proxy });
      details.detail = code;
    } else facts.tls = code === "ECONNRESET" || code === "EPIPE" ? "closed" : "failed";
    return undefined;
  }
}

async function shakeHands(
  context: ProbeContext,
  socket: Socket,
  host: string,
  minVersion: string,
): Promise<TLSSocket> {
  const isOld = minVersion === "TLSv1";
  const work = () => {
    const secured = connect({
      socket,
      servername: host,
      ca: context.surroundings.trusted(),
      // The certificate is judged after the handshake.
      rejectUnauthorized: false,
      minVersion: minVersion as "TLSv1",
      ALPNProtocols: ["http/1.1"],
      // OpenSSL refuses old versions above security level 0.
      ciphers: isOld ? "DEFAULT@SECLEVEL=0" : undefined,
    });
    return new Promise<TLSSocket>((resolve, reject) => {
      secured.once("secureConnect", () => resolve(secured.on("error", () => {})));
      secured.once("error", reject);
      secured.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    });
  };
  return waitForStage(work, context);
}

/** The version that the other side has, for example "TLSv1"; "?" when it cannot be found out. */
async function findOldVersion(
  context: ProbeContext,
  host: string,
  reopen: () => Promise<Socket | undefined>,
): Promise<string> {
  const socket = await reopen();
  if (!socket) return "?";
  try {
    const version = (await shakeHands(context, socket, host, "TLSv1")).getProtocol();
    return version === "TLSv1" ? "TLSv1.0" : (version ?? "?");
  } catch {
    return "?";
  } finally {
    socket.destroy();
  }
}

/** Errors of a certificate that is not valid at the moment. */
const dateCodes = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

function judgeChain(
  context: ProbeContext,
  secured: TLSSocket,
  host: string,
  { roots }: TlsRow,
  details: Attempt["details"],
): Attempt["facts"]["chain"] {
  const leaf = secured.getPeerCertificate(true);
  const chain = certificatesOf(leaf);
  const last = chain.at(-1) ?? leaf;
  details.certificateName = printableName(leaf.subject);
  details.issuer = printableName(last.issuer);
  const now = context.surroundings.now();
  // An issuer can be expired while the server's own certificate is valid.
  const invalid =
    chain.find((one) => now < Date.parse(one.valid_from) || now > Date.parse(one.valid_to)) ?? leaf;
  details.validFrom = dayOf(invalid.valid_from);
  details.validTo = dayOf(invalid.valid_to);
  details.expected = roots.map(({ name }) => name).join(" / ") || "?";
  if (checkServerIdentity(host, leaf) !== undefined) return "wrong-name";
  // Node declares an Error, and sets the code.
  const error = secured.authorizationError as unknown as string | Error | null;
  const code = typeof error === "string" ? error : codeOf(error);
  if (dateCodes.has(code)) return "dates";
  if (!secured.authorized) return "untrusted";
  const prints = chain.map(({ fingerprint256 }) => fingerprint256.replaceAll(":", ""));
  if (roots.some(({ sha256 }) => prints.includes(sha256))) return "expected";
  if (!publicRoots().has(prints.at(-1) ?? "")) return "own-trusted";
  return roots.length === 0 ? "expected" : "other-public";
}

/** The certificates from the server's own to the root, as far as they are known. */
function certificatesOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let one: DetailedPeerCertificate | undefined = leaf; one && !chain.includes(one); ) {
    if (one.fingerprint256) chain.push(one);
    one = one.issuerCertificate;
  }
  return chain;
}

let knownPublicRoots: Set<string> | undefined;

/** SHA-256 of the public roots that Node comes with, which are Mozilla's. */
function publicRoots(): Set<string> {
  knownPublicRoots ??= new Set(
    rootCertificates.map((pem) => new X509Certificate(pem).fingerprint256.replaceAll(":", "")),
  );
  return knownPublicRoots;
}

/** Organisation and name of a certificate, as far as they are harmless to show. */
function printableName(name: { O?: string | string[]; CN?: string | string[] } | undefined): string {
  const parts = [name?.O, name?.CN]
    .flat()
    .filter((part) => part && !/\p{C}/u.test(part) && part.length <= 80);
  return parts.join(", ") || "?";
}

function dayOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? "?" : new Date(time).toISOString().slice(0, 10);
}
