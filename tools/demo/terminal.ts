import { text } from "node:stream/consumers";
import { Client } from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import { HttpsProxyAgent } from "https-proxy-agent";

/*
 * The demo's terminal, as a process of its own that knows only what it was handed: it reads its hand-over from
 * standard input, knocks at its three doors, and writes what each answered. The URL of a file reaches it through
 * the IoT Hub; one that it was told before is given to it again, since a revoked terminal is told nothing.
 * A whole terminal, which a maker of terminals can read as an example, is in reference-terminal/.
 */

interface Handed {
  handover: {
    hub: { hostName: string; deviceId: string; primaryKey: string };
    flow: { url: string; sharedKey: string; terminalKey: string };
  };
  /** What the hub told it of a file before. */
  fileUrl?: string;
}

/** What one door answered. */
export interface Knock {
  door: "IoT Hub" | "Files" | "Flow API";
  open: boolean;
  answer: string;
}

/** What it writes to standard output; the URL holds a key, and goes to the demo alone. */
export interface Told {
  knocks: Knock[];
  fileUrl: string;
}

const handed = JSON.parse(await text(process.stdin)) as Handed;
const { handover } = handed;
let fileUrl = handed.fileUrl ?? "";
const told: Told = { knocks: [await knockAtHub(), await knockAtFiles(), await knockAtFlow()], fileUrl };
process.stdout.write(JSON.stringify(told), () => process.exit(0));

async function knockAtHub(): Promise<Knock> {
  const { hostName, deviceId, primaryKey } = handover.hub;
  const client = Client.fromConnectionString(
    `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${primaryKey}`,
    MqttWs,
  );
  const proxy = process.env.HTTPS_PROXY;
  if (proxy) await client.setOptions({ mqtt: { webSocketAgent: new HttpsProxyAgent(proxy) } });
  try {
    await client.open();
    const twin = await client.getTwin();
    const offers = Object.values(twin.properties.desired.files ?? {}) as { name: string; url: string }[];
    fileUrl = offers[0]?.url ?? fileUrl;
    const answer = `connected by MQTT over WebSocket, and told of ${offers[0]?.name ?? "no file"}`;
    await client.close();
    return { door: "IoT Hub", open: true, answer };
  } catch (error) {
    return { door: "IoT Hub", open: false, answer: `refused: ${(error as Error).name}` };
  }
}

async function knockAtFiles(): Promise<Knock> {
  const response = await fetch(fileUrl);
  const body = await response.text();
  const answer = response.ok
    ? `fetched ${body.length} bytes with the file's own key`
    : `${response.status} ${response.headers.get("x-ms-error-code") ?? response.statusText}`;
  return { door: "Files", open: response.ok, answer };
}

async function knockAtFlow(): Promise<Knock> {
  const { url, sharedKey, terminalKey } = handover.flow;
  const response = await fetch(`${url}/v1/employees/1001`, {
    headers: {
      "Ocp-Apim-Subscription-Key": sharedKey,
      "X-Terminal-Id": handover.hub.deviceId,
      "X-Terminal-Key": terminalKey,
    },
  });
  const body = await response.text();
  return { door: "Flow API", open: response.ok, answer: `${response.status} ${body.slice(0, 100)}` };
}
