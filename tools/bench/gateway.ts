import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Agent as HttpsAgent, type RequestOptions, request } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
import pMap from "p-map";
import { customerId, FlowGateway } from "../../test/sandbox/services/api-management/flow-gateway.ts";
import { hostName } from "../../test/sandbox/services/api-management/gateway-cloud.ts";
import { median } from "./measure.ts";

const calls = Number(process.env.BENCH_GATEWAY_CALLS ?? 500);
const terminals = Number(process.env.BENCH_GATEWAY_TERMINALS ?? 1_000);
/** Calls at the same time, over as many connections: the terminals share them. */
const concurrency = 16;
const path = "/v1/employees/1001";

/**
 * What the gateway adds to a call of the Flow API, measured in turn with calls of the Flow API alone over the same proxy;
 * calls a second; and a rotation of the customer's subscription key while all terminals look things up. The key table is
 * the sandbox's, so the numbers compare versions of the policy and say nothing about Azure's own speed.
 */
export async function benchGateway(): Promise<string[]> {
  const gateway = await FlowGateway.open({ callsPerMinute: 6_000 });
  const agent = new HttpsProxyAgent(gateway.azure.proxy.url, {
    keepAlive: true,
    maxSockets: concurrency,
    ca: gateway.azure.proxy.ca,
  });
  try {
    const keys = await onboard(gateway);
    const client = new Client(agent, gateway.azure.proxy.ca);
    const lines: string[] = [];
    const report = (what: string, value: string) => lines.push(`${what.padEnd(44)} ${value}`);
    const first = [...keys][0] as [string, string];
    const through = () => client.get(hostName, `/flow${path}`, gateway.keys(first[1], first[0]));
    const alone = () => client.get("flow.example.com", path, {});
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let call = 0; call < calls; call++) {
      // In turn, so that a change of the machine's speed affects both. The limit of one terminal is renewed.
      if (call % 1_000 === 0) gateway.azure.clock.move(60_000);
      ours.push((await through()).ms);
      theirs.push((await alone()).ms);
    }
    const ms = (value: number) => `${value.toFixed(1)} ms`;
    report("the Flow API alone", `median ${ms(median(theirs))}, p99 ${ms(percentile(theirs, 99))}`);
    report("through the gateway", `median ${ms(median(ours))}, p99 ${ms(percentile(ours, 99))}`);
    const added = [median(ours) - median(theirs), percentile(ours, 99) - percentile(theirs, 99)] as const;
    report("the gateway adds", `median ${ms(added[0])}, p99 ${ms(added[1])}`);

    const from = performance.now();
    const { refused, retried } = await lookUpAll(gateway, client, keys, () => gateway.subscriptionKey);
    report(
      `calls a second, ${concurrency} at once`,
      `${(keys.size / ((performance.now() - from) / 1000)).toFixed(0)}; ${refused} refused, ${retried} retried`,
    );
    report(`key rotated under ${keys.size} terminals`, await rotate(gateway, client, keys));
    return lines;
  } finally {
    agent.destroy();
    await gateway.close();
  }
}

/** Writes the rows of all terminals. @returns The Flow keys by terminal ID. */
async function onboard(gateway: FlowGateway): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  const ids = Array.from({ length: terminals }, (_, number) => `bench-terminal-${number}`);
  await pMap(
    ids,
    async (id) => {
      const key = randomBytes(32).toString("base64");
      const currentKeySha256 = createHash("sha256").update(key).digest("base64");
      await gateway.row(id, { currentKeySha256, previousKeySha256: "" });
      keys.set(id, key);
    },
    { concurrency },
  );
  return keys;
}

/**
 * Rotates the subscription key as the command line does: the keys are swapped while terminals use the old primary, each
 * terminal gets the new one, and then the old key is regenerated. Every terminal makes a call in each phase, and changes
 * its key between two of its calls.
 */
async function rotate(gateway: FlowGateway, client: Client, keys: Map<string, string>): Promise<string> {
  const { azure } = gateway;
  const properties = azure.azure.resources.get(`${azure.serviceId}/subscriptions/${customerId}`)!.properties;
  const [oldKey, nextKey] = [properties.primaryKey as string, properties.secondaryKey as string];
  const current = new Map([...keys.keys()].map((id) => [id, oldKey]));
  const phase = async (change?: () => void) => {
    const looking = lookUpAll(gateway, client, keys, (id) => current.get(id)!);
    change?.();
    return looking;
  };
  const phases = [
    await phase(() => azure.changeSubscription(customerId, { primaryKey: nextKey, secondaryKey: oldKey })),
    await phase(() => {
      for (const id of keys.keys()) current.set(id, nextKey);
    }),
    await phase(() =>
      azure.changeSubscription(customerId, { secondaryKey: randomUUID().replaceAll("-", "") }),
    ),
  ];
  // Gateways accept a key that they have seen for some minutes more: then the old key must be refused.
  azure.clock.move(11 * 60_000);
  const [id, key] = [...keys][0] as [string, string];
  const late = await client.get(hostName, `/flow${path}`, {
    ...gateway.keys(key, id),
    "Ocp-Apim-Subscription-Key": oldKey,
  });
  const [refused, retried] = (["refused", "retried"] as const).map((what) =>
    phases.reduce((sum, each) => sum + each[what], 0),
  );
  return `${phases.length * keys.size} calls, ${refused} refused, ${retried} retried; the old key afterwards: ${late.status}`;
}

/** One call of each terminal, repeated twice when the gateway or the table is too busy. */
async function lookUpAll(
  gateway: FlowGateway,
  client: Client,
  keys: Map<string, string>,
  subscriptionKeyOf: (id: string) => string,
): Promise<{ refused: number; retried: number }> {
  let [refused, retried] = [0, 0];
  await pMap(
    keys,
    async ([id, key]) => {
      const headers = { ...gateway.keys(key, id), "Ocp-Apim-Subscription-Key": subscriptionKeyOf(id) };
      for (let attempt = 0; ; attempt++) {
        const { status } = await client.get(hostName, `/flow${path}`, headers);
        if (status === 200) return;
        // As docs/terminal-contract.md says: a busy gateway is asked again, a refusal is final.
        if (status < 500 || attempt === 2) {
          refused += 1;
          return;
        }
        retried += 1;
      }
    },
    { concurrency },
  );
  return { refused, retried };
}

/** Calls over connections that are kept open. */
class Client {
  private readonly agent: HttpsProxyAgent<string>;
  private readonly ca: string;

  constructor(agent: HttpsProxyAgent<string>, ca: string) {
    this.agent = agent;
    this.ca = ca;
  }

  get(host: string, url: string, headers: Record<string, string>): Promise<{ status: number; ms: number }> {
    const from = performance.now();
    const options: RequestOptions = {
      host,
      path: url,
      headers,
      ca: this.ca,
      agent: this.agent as unknown as HttpsAgent,
    };
    return new Promise((resolve, reject) => {
      const call = request(options, (response) => {
        response.resume();
        response.on("end", () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - from }));
      });
      call.on("error", reject);
      call.end();
    });
  }
}

function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
