import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { HubSession, Lookups } from "@terminal-fleet/reference-terminal";
import { webSocketAgent } from "../../azure/agents.ts";
import { connectionPolicy } from "../../azure/http.ts";
import type { NetworkSettings } from "../../azure/network.ts";
import { firstLine } from "../../azure/network-errors.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { type Offer, offer, parseEntries } from "../../file-exchange/offers/offer.ts";
import type { Destination } from "../endpoint-list.ts";
import { chooseAttempt, decide } from "./decide.ts";
import type { Attempt } from "./facts.ts";
import { waitForStage } from "./limits.ts";
import type { RowContext } from "./probe/probe-row.ts";

/** Validity of the token for the IoT Hub, in seconds. */
const tokenSeconds = 300;
/** A sign-in has several answers to wait for: so many stages. */
const stagesOfSignIn = 2;
/** A lookup of the example Flow API for a badge that does not exist. Its 404 comes after both keys were checked. */
export const defaultLookup = "v1/employees/doctor";

export interface SignInContext extends RowContext {
  /** Resolves at the end of the run. */
  ended: Promise<void>;
  /** Path of a lookup at the Flow API. */
  lookup: string;
}

interface StartedRow {
  row: Destination;
  attempts: Attempt[];
}

/**
 * Signs in with the keys of a terminal where the network is in order: to the IoT Hub as the terminal, to the files with the
 * link of a waiting file, and to the Flow API with both keys. It changes nothing. The IoT Hub ends another connection of
 * the same terminal, which connects again by itself.
 */
export async function signInWith(
  bundle: CredentialBundle,
  rows: readonly StartedRow[],
  context: SignInContext,
): Promise<void> {
  const { hub, flow } = bundle;
  const hubAttempt = reachedAttempt(rows, hub.hostName);
  const flowAttempt = reachedAttempt(rows, new URL(flow.url).host);
  const both = Promise.all([
    hubAttempt && signInToHub(bundle, hubAttempt, rows, context),
    flowAttempt && signInToFlow(bundle, flowAttempt, context),
  ]);
  await Promise.race([both, context.ended]);
}

/** The attempt of a row that was reached; undefined when the host is not on the list, or was not reached. */
function reachedAttempt(rows: readonly StartedRow[], host: string): Attempt | undefined {
  const found = rows.find(({ row }) => row.host?.toLowerCase() === host.toLowerCase());
  const attempt = found && chooseAttempt(found.attempts).attempt;
  return attempt && decide(attempt.facts).verdict !== "failed" ? attempt : undefined;
}

async function signInToHub(
  { hub }: CredentialBundle,
  attempt: Attempt,
  rows: readonly StartedRow[],
  context: RowContext,
): Promise<void> {
  const url = `https://${hub.hostName}`;
  let offers: Offer[] = [];
  const isDone = await record(attempt, context, async () => {
    const agent = webSocketAgent(await networkOf(context, url), url);
    const session = await HubSession.open({ hub, tokenSeconds, agent, random: Math.random });
    try {
      await session.follow(({ desired }) => {
        offers = [...parseEntries(offer, desired).known.values()];
      });
    } finally {
      await session.close();
    }
  });
  if (!isDone) return;
  const now = new Date(context.surroundings.now()).toISOString();
  const waiting = offers.find(({ direction, validUntil }) => direction === "download" && validUntil > now);
  const files = rows.find(({ row }) => row.service === "blob-storage");
  const blobAttempt = files?.row.host ? reachedAttempt(rows, files.row.host) : undefined;
  if (!blobAttempt) return;
  if (!waiting || new URL(waiting.url).host !== files?.row.host) blobAttempt.facts.signIn = "no-file";
  else await record(blobAttempt, context, () => readFirstByte(waiting.url, context));
}

/** Reads one byte of a file, so that no file is transferred. An empty file answers 416. */
async function readFirstByte(url: string, context: RowContext): Promise<void> {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(connectionPolicy(await networkOf(context, url)));
  const headers = createHttpHeaders({ range: "bytes=0-0", "x-ms-version": "2023-11-03" });
  const { status } = await pipeline.sendRequest(
    createDefaultHttpClient(),
    createPipelineRequest({ url, headers }),
  );
  if (status === 403 || status === 404) throw rejection(`HTTP ${status}`);
  if (status !== 200 && status !== 206 && status !== 416) throw new Error(`HTTP ${status}`);
}

async function signInToFlow(
  bundle: CredentialBundle,
  attempt: Attempt,
  { lookup, ...context }: SignInContext,
): Promise<void> {
  await record(attempt, context, async () => {
    const lookups = new Lookups(() => bundle, await networkOf(context, bundle.flow.url));
    const { status, body } = await lookups.get(lookup);
    if (status === 401 || status === 403) throw rejection(`HTTP ${status}`);
    // The gateway answers so before it checks a key.
    if (status === 404 && /"message":\s*"Resource not found"/.test(body)) {
      throw new Error(`the Flow API has no lookup ${lookup}, see --lookup`);
    }
    if (status >= 500) throw new Error(`HTTP ${status}`);
  });
}

/** The settings with which the terminal's own code connects. */
async function networkOf(context: RowContext, url: string): Promise<NetworkSettings> {
  const proxy = await context.proxyFor(url);
  return { proxyUrl: proxy?.url.href, ca: context.surroundings.trusted(), idleMs: context.stageMs };
}

/** Runs a sign-in, and writes how it ended into the facts. */
async function record(
  { facts, details }: Attempt,
  { stageMs, stop }: RowContext,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await waitForStage(work, { stageMs: stageMs * stagesOfSignIn, stop });
    facts.signIn = "ok";
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    facts.signIn = name === "UnauthorizedError" ? "rejected" : "failed";
    // The message of the SDK names the device and no key; a link is cut out of it.
    details.detail = name === "UnauthorizedError" ? rejectionText(message) : firstLine(message);
    return false;
  }
}

function rejection(message: string): Error {
  return Object.assign(new Error(message), { name: "UnauthorizedError" });
}

function rejectionText(message: string): string {
  return /^HTTP \d+$/.test(message) ? message : "not authorized";
}
