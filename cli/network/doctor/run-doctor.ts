import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import type { EndpointList } from "../endpoint-list.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type RowContext, startRow } from "./probe/probe-row.ts";
import type { ProxyChoice } from "./proxy/proxy-choice.ts";
import { shownProxy } from "./proxy/proxy-choice.ts";
import type { ProxySettings } from "./proxy/proxy-settings.ts";
import type { DoctorReport } from "./report.ts";
import { headOf, summarize } from "./summarize.ts";
import { type Surroundings, thisComputer } from "./surroundings.ts";

export interface DoctorOptions {
  list: EndpointList;
  proxy: ProxySettings;
  /** Keys of a terminal, to sign in with where the network is in order. Default: no sign-in. */
  bundle?: CredentialBundle;
  /** Path that is looked up at the Flow API with these keys. Default: a lookup of the example Flow API. */
  lookup?: string;
  /** Default: this computer. */
  surroundings?: Surroundings;
  limits?: Limits;
  /** Ends the run early; what is not known by then is "could not tell". */
  signal?: AbortSignal;
}

/** Checks all destinations of a list side by side. */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const { list, proxy, bundle, surroundings = thisComputer, limits = defaultLimits } = options;
  const startedAt = surroundings.now();
  const begin = performance.now();
  const stop = AbortSignal.any([
    AbortSignal.timeout(limits.runMs),
    ...(options.signal ? [options.signal] : []),
  ]);
  const used = new Map<string, ProxyChoice>();
  const context: RowContext = {
    surroundings,
    stageMs: limits.stageMs,
    stop,
    sampleHost:
      list.destinations.find(({ host }) => host !== null && !host.includes("*"))?.host ?? "example.com",
    async proxyFor(url) {
      const choice = await proxy.proxyFor(url);
      if (choice) used.set(shownProxy(choice), choice);
      return choice;
    },
  };
  const started = list.destinations.map((row) => ({ row, ...startRow(context, row) }));
  const ended = new Promise<void>((resolve) =>
    stop.addEventListener("abort", () => resolve(), { once: true }),
  );
  await Promise.race([Promise.all(started.map(({ done }) => done)), ended]);
  if (bundle && !stop.aborted) {
    // The terminal's own code loads the SDKs of Azure, which a check without keys does not need.
    const { defaultLookup, signInWith } = await import("./sign-in.ts");
    await signInWith(bundle, started, { ...context, ended, lookup: options.lookup ?? defaultLookup });
  }
  return {
    version: 1,
    createdAt: new Date(startedAt).toISOString(),
    program: "terminals",
    computer: surroundings.computer.slice(0, 100),
    ...headOf(list),
    proxy: proxy.source && { source: proxy.source, hosts: [...used.keys()] },
    // A probe that is still running could change its facts while they are judged.
    ...summarize(structuredClone(started.map(({ row, attempts }) => ({ row, attempts })))),
    seconds: Math.round(performance.now() - begin) / 1000,
  };
}
