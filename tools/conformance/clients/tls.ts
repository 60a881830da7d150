import { request as plainRequest } from "node:http";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Target } from "../targets/target.ts";

export interface TlsOptions {
  minVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  maxVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** Cipher suites of TLS 1.2 and older, by OpenSSL's names. */
  ciphers?: string;
}

const timeoutMs = 30_000;

/**
 * Sends GET over TLS of a fixed version.
 * @returns The version that both sides have agreed on, and the answer's status; undefined when the server refuses.
 * @throws Error of the connection itself, for example of a name that does not exist.
 */
export function getOver(
  target: Target,
  url: string,
  options: TlsOptions,
): Promise<{ version: string; status: number } | undefined> {
  // OpenSSL offers TLS 1.0 and 1.1, and weak suites, at its lowest security level only.
  const ciphers = `${options.ciphers ?? "DEFAULT"}@SECLEVEL=0`;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { ...options, ciphers, agent: target.agent, timeout: timeoutMs },
      (response) => {
        const version = (response.socket as TLSSocket).getProtocol() ?? "none";
        response.resume();
        resolve({ version, status: response.statusCode as number });
        response.socket.destroy();
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", (error: NodeJS.ErrnoException) => {
      const isRefused = /^(ECONNRESET|EPROTO|ERR_SSL_.*|EPIPE)$/.test(error.code ?? "");
      if (isRefused) resolve(undefined);
      else reject(error);
    });
    call.end();
  });
}

/** GET without TLS. @returns Status and the x-ms-error-code; undefined when the port is closed or refused. */
export function getPlain(
  target: Target,
  host: string,
  path: string,
): Promise<{ status: number; code: string | null } | undefined> {
  return new Promise((resolve) => {
    const options = { agent: target.plainAgent, timeout: timeoutMs };
    const call = plainRequest(`http://${host}${path}`, options, (response) => {
      const code = response.headers["x-ms-error-code"] as string | undefined;
      response.resume();
      resolve({ status: response.statusCode as number, code: code ?? null });
      response.socket.destroy();
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
    call.end();
  });
}
