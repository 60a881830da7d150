import { readFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { fileURLToPath } from "node:url";
import { OperatorError } from "../../../lib/operator-error.ts";
import { fileKinds, readBounded } from "../../../lib/read-bounded.ts";
import { t } from "../../../words/translate.ts";
import type { ProxyChoice } from "./proxy-choice.ts";

/** Limit for fetching the script, in milliseconds. */
const fetchMs = 5_000;

/** Answers which proxy a URL has by a PAC script; undefined for a direct connection. */
export type PacScript = (url: string) => Promise<ProxyChoice | undefined>;

/**
 * Loads a proxy auto-config script. It runs in an engine of its own (QuickJS in WebAssembly), which reaches no file and no
 * network except for names that the script resolves.
 * @param location URL (http or https) or path of the script.
 * @throws OperatorError when it cannot be read or is no PAC script.
 */
export async function loadPac(location: string): Promise<PacScript> {
  const text = await read(location);
  const [{ createPacResolver }, { QuickJS }] = await Promise.all([
    import("pac-resolver"),
    import("quickjs-wasi"),
  ]);
  const engine = await QuickJS.create({
    wasm: await readFile(fileURLToPath(import.meta.resolve("quickjs-wasi/quickjs.wasm"))),
  });
  let find: (url: string) => Promise<string>;
  try {
    find = createPacResolver(engine, text);
  } catch (error) {
    throw pacError(location, t`it is no PAC script: ${firstLine(error)}`);
  }
  return async (url) => {
    const answer = await find(url).catch((error) => {
      throw pacError(location, t`FindProxyForURL failed: ${firstLine(error)}`);
    });
    return parsePacAnswer(answer);
  };
}

/**
 * The first choice of a PAC answer, for example "PROXY proxy.example.com:8080; DIRECT". The others are for when it fails,
 * which is what the doctor should show.
 */
export function parsePacAnswer(answer: string): ProxyChoice | undefined {
  const [first = ""] = String(answer ?? "").split(";");
  const [kind = "", authority = ""] = first.trim().split(/\s+/);
  const scheme = { PROXY: "http", HTTP: "http", HTTPS: "https" }[kind.toUpperCase()];
  const url = scheme && URL.parse(`${scheme}://${authority}`);
  return url ? { url, source: "pac" } : undefined;
}

async function read(location: string): Promise<string> {
  if (!/^https?:/i.test(location)) {
    return (await readBounded(location.replace(/^file:\/\//i, ""), fileKinds.pac)).toString("utf8");
  }
  try {
    return await fetchText(new URL(location));
  } catch (error) {
    throw pacError(location, firstLine(error));
  }
}

function fetchText(url: URL): Promise<string> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = send(url, { signal: AbortSignal.timeout(fetchMs) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > fileKinds.pac.maxBytes) call.destroy(new Error("it is too large"));
      });
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`the server answered with ${answer.statusCode ?? 0}`));
      });
    });
    call.on("error", reject);
    call.end();
  });
}

function pacError(location: string, reason: string): OperatorError {
  return new OperatorError("usage", t`the proxy script ${location} cannot be used: ${reason}`, {
    remedy: t`Check the address of the PAC script, or name the proxy itself: --proxy http://HOST:PORT.`,
  });
}

function firstLine(error: unknown): string {
  return String((error as Error)?.message ?? error).split("\n")[0] ?? "";
}
