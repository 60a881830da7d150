import { type Command, InvalidArgumentError, Option } from "commander";
import { callControl } from "../daemon/control-client.ts";
import { type FaultOrder, type FaultState, faultServices } from "../faults/fault-order.ts";
import { type CommandContext, printJson } from "./command-context.ts";

interface FaultOptions extends Pick<FaultOrder, "service" | "host" | "operation" | "rate" | "seed" | "skip"> {
  count?: number;
  delay?: number;
  retryAfter?: number;
  for?: number;
  json?: boolean;
}

/** Adds `azure-sandbox fault`. */
export function addFaultCommand(program: Command, context: CommandContext): void {
  const { directory, print } = context;
  const fault = program
    .command("fault")
    .description("order failures of services, list them and end them")
    .addHelpText(
      "after",
      '\nExamples:\n  azure-sandbox fault order 429 --service iot-hub --operation "PUT /devices/*" --rate 0.3 --seed 7\n' +
        "  azure-sandbox fault order drop-after --service table --count 2\n" +
        "  azure-sandbox fault order slow --delay 3000 --for 10m",
    );
  fault
    .command("order <what>")
    .description(
      "a status from 400 to 599, drop (before the service does what was asked), drop-after, or slow (with --delay)",
    )
    .addOption(
      new Option("--service <name>", "the service that fails (default: every service)").choices(
        Object.keys(faultServices),
      ),
    )
    .option("--host <pattern>", "one host, or a pattern with *, in place of --service")
    .option(
      "--operation <pattern>",
      'HTTP method and path, for example "PUT /devices/*"; MQTT: "PUBLISH TOPIC"',
    )
    .option("--rate <share>", "share of the requests that fail, up to 1 (default: 1)", parseNumber)
    .option("--seed <number>", "decides which requests --rate picks (default: 1)", parseNumber)
    .option("--skip <number>", "requests to leave alone at first (default: 0)", parseNumber)
    .option("--count <number>", "requests that fail (default: no limit)", parseNumber)
    .option("--delay <ms>", "milliseconds until the answer, also that of a status or a drop", parseNumber)
    .option("--retry-after <seconds>", "Retry-After of a status", parseNumber)
    .option(
      "--for <duration>",
      "until the fault ends by itself: 30s, 10m, 2h (default: 1h, at most 24h)",
      parseDuration,
    )
    .option("--json", "print JSON")
    .action(async (what: string, options: FaultOptions) => {
      const state = await callControl<FaultState>(
        directory().socket(),
        "POST",
        "/faults",
        toOrder(what, options),
      );
      if (options.json) return printJson(state, print);
      print(`Fault ${state.id} is in effect until ${state.endsAt}: ${describeFault(state)}.`);
    });
  fault
    .command("list")
    .description("show the faults in effect, and how many requests had each")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const result = await callControl<{ faults: FaultState[] }>(directory().socket(), "GET", "/faults");
      if (json) return printJson(result, print);
      if (result.faults.length === 0) return print("No fault is in effect.");
      for (const state of result.faults) {
        const applied = state.applied === 1 ? "1 request" : `${state.applied} requests`;
        print(`${state.id}  ${describeFault(state)}  (${applied} so far, until ${state.endsAt})`);
      }
    });
  fault
    .command("clear [id]")
    .description("end a fault, or all of them")
    .action(async (id?: string) => {
      const body = id === undefined ? {} : { id: parseNumber(id) };
      const { cleared } = await callControl<{ cleared: number }>(
        directory().socket(),
        "POST",
        "/faults/clear",
        body,
      );
      print(cleared === 1 ? "1 fault has ended." : `${cleared || "No"} faults have ended.`);
    });
}

function toOrder(what: string, options: FaultOptions): FaultOrder {
  const { service, host, operation, rate, seed, skip, count, delay, retryAfter } = options;
  const order = {
    ...(/^\d{3}$/.test(what) ? { status: Number(what) } : {}),
    ...(what === "drop" ? { drop: "before" as const } : {}),
    ...(what === "drop-after" ? { drop: "after" as const } : {}),
  };
  if (Object.keys(order).length === 0 && what !== "slow") {
    throw new Error(`${what} is not a fault. Use a status from 400 to 599, drop, drop-after or slow.`);
  }
  if (what === "slow" && delay === undefined) {
    throw new Error("A slow service needs --delay with a number of milliseconds, for example --delay 3000.");
  }
  return {
    ...order,
    delayMs: delay,
    retryAfterSeconds: retryAfter,
    service,
    host,
    operation,
    rate,
    seed,
    skip,
    count,
    forSeconds: options.for,
  };
}

/** For people: "429 for iot-hub, PUT /devices/*, 30 % of the requests (seed 7)" */
function describeFault({ order }: FaultState): string {
  const { status, drop, delayMs, service, host, operation, rate, seed, skip, count } = order;
  const effect = status !== undefined ? String(status) : drop && (drop === "after" ? "drop-after" : "drop");
  return [
    `${effect ?? "slow"} for ${service ?? host ?? "every service"}`,
    ...(operation === undefined ? [] : [operation]),
    ...(delayMs === undefined ? [] : [`${delayMs} ms late`]),
    ...(rate < 1 ? [`${Math.round(rate * 1000) / 10} % of the requests (seed ${seed})`] : []),
    ...(skip > 0 ? [`after ${skip} of them`] : []),
    ...(count === undefined ? [] : [count === 1 ? "1 request" : `${count} requests`]),
  ].join(", ");
}

function parseNumber(text: string): number {
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError(`${text} is not a number.`);
}

const secondsOf = { s: 1, m: 60, h: 3600 };

function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (amount && unit) return Number(amount) * secondsOf[unit as keyof typeof secondsOf];
  throw new InvalidArgumentError("A duration is a number with s, m or h, for example 10m.");
}
