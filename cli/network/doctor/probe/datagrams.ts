import type { Attempt } from "../facts.ts";
import { StageTimeout, waitForStage } from "../limits.ts";
import { codeOf } from "../surroundings.ts";
import { setClock } from "./http-answer.ts";
import type { ProbeContext } from "./probe-context.ts";

/** Seconds from 1900, the start of NTP's time, to 1970. */
const ntpEpochSeconds = 2_208_988_800;
/** Version 4, mode 3 (client) in the first byte (RFC 5905, section 7.3). */
const ntpFirstByte = 0x23;
const ntpBytes = 48;
/** Offset of the transmit timestamp. */
const transmitAt = 40;

/** Asks a time server for the time. */
export async function askTime(context: ProbeContext, attempt: Attempt, address: string): Promise<void> {
  const question = Buffer.alloc(ntpBytes);
  question[0] = ntpFirstByte;
  const answer = await exchange(context, attempt, address, question);
  if (!answer || answer.length < ntpBytes) return;
  const seconds = answer.readUInt32BE(transmitAt) + answer.readUInt32BE(transmitAt + 4) / 2 ** 32;
  if (seconds > 0) setClock(attempt, context.surroundings.now() / 1000 - (seconds - ntpEpochSeconds));
}

/** Sends a datagram that TeamViewer does not know: a closed port refuses it, and an open one may be silent. */
export async function knockUdp(context: ProbeContext, attempt: Attempt, address: string): Promise<void> {
  await exchange(context, attempt, address, Buffer.alloc(16));
}

/** Asks the network's DNS servers for a name. */
export async function askDns(
  context: ProbeContext,
  { facts, details }: Attempt,
  sample: string,
): Promise<void> {
  const { surroundings } = context;
  const servers = surroundings.dnsServers();
  details.dnsServer = servers.join(", ") || "none";
  const ask = (signal: AbortSignal) =>
    Promise.any(servers.map((server) => surroundings.queryDns(server, sample, signal).then(() => server)));
  try {
    details.dnsServer = await waitForStage(ask, context);
    facts.udp = "answered";
  } catch {
    facts.udp = "silent";
  }
}

async function exchange(
  context: ProbeContext,
  { port, facts }: Attempt,
  address: string,
  datagram: Buffer,
): Promise<Buffer | undefined> {
  try {
    const answer = await waitForStage(
      (signal) => context.surroundings.exchange(address, port, datagram, signal),
      context,
    );
    facts.udp = "answered";
    return answer;
  } catch (error) {
    const isSilent = error instanceof StageTimeout;
    facts.udp = isSilent ? "silent" : codeOf(error) === "ECONNREFUSED" ? "refused" : "failed";
    return undefined;
  }
}
