import { request } from "node:https";
import type { Target } from "../targets/target.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any form, of which a check reads a part
  json: any;
}

export interface HttpOptions {
  headers?: Record<string, string>;
  /** A text, or JSON. */
  body?: unknown;
}

/** Milliseconds after which a request without an answer fails. */
const timeoutMs = 100_000;

/** Sends one HTTPS request without retries, so that a check sees each status and header. */
export function send(
  target: Target,
  method: string,
  url: string,
  { headers = {}, body }: HttpOptions = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "object" ? { "content-type": "application/json" } : {};
  const length = { "content-length": String(Buffer.byteLength(text ?? "")) };
  const sent = method === "GET" || method === "HEAD" ? headers : { ...type, ...length, ...headers };
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method, headers: sent, agent: target.agent, timeout: timeoutMs },
      (response) => {
        let received = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (received += chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode as number,
            headers: response.headers,
            text: received,
            json: parse(received),
          }),
        );
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", reject);
    call.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An Authorization header for a service. @param scope For example https://management.azure.com/.default */
export async function bearer(target: Target, scope: string): Promise<{ authorization: string }> {
  const token = await target.credential.getToken(scope);
  if (!token) throw new Error(`no token for ${scope}`);
  return { authorization: `Bearer ${token.token}` };
}
