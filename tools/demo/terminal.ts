import { text } from "node:stream/consumers";
import { Client } from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import { HttpsProxyAgent } from "https-proxy-agent";

/*
 * The terminal of the demo, as a separate process. It reads its credential bundle from standard input, tries its three
 * access paths, and writes a report to standard output. The IoT Hub sends it the URL of a file. The demo passes that URL
 * again after the terminal is revoked, because the IoT Hub sends a revoked terminal nothing.
 * reference-terminal/ is a complete terminal, as an example for makers of terminals.
 */

/** What the terminal reads from standard input. */
export interface TerminalInput {
  bundle: {
    hub: { hostName: string; deviceId: string; primaryKey: string };
    flow: { url: string; sharedKey: string; terminalKey: string };
  };
  /** The file link of an earlier report. */
  fileUrl?: string;
}

/** The result of one access path. */
export interface Attempt {
  accessPath: "IoT Hub" | "Files" | "Flow API";
  isOpen: boolean;
  answer: string;
}

/** What the terminal writes to standard output. The URL contains a signature, and only the demo reads it. */
export interface TerminalReport {
  attempts: Attempt[];
  fileUrl: string;
}

const input = JSON.parse(await text(process.stdin)) as TerminalInput;
const { bundle } = input;
let fileUrl = input.fileUrl ?? "";
const attempts = [await tryHub(), await tryFiles(), await tryFlowApi()];
const report: TerminalReport = { attempts, fileUrl };
process.stdout.write(JSON.stringify(report), () => process.exit(0));

async function tryHub(): Promise<Attempt> {
  const { hostName, deviceId, primaryKey } = bundle.hub;
  const client = Client.fromConnectionString(
    `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${primaryKey}`,
    MqttWs,
  );
  const proxy = process.env.HTTPS_PROXY;
  if (proxy) await client.setOptions({ mqtt: { webSocketAgent: new HttpsProxyAgent(proxy) } });
  try {
    await client.open();
    const twin = await client.getTwin();
    const [offer] = Object.values(twin.properties.desired.files ?? {}) as { name: string; url: string }[];
    fileUrl = offer?.url ?? fileUrl;
    await client.close();
    return {
      accessPath: "IoT Hub",
      isOpen: true,
      answer: `connected by MQTT over WebSocket, and received the offer of ${offer?.name ?? "no file"}`,
    };
  } catch (error) {
    return { accessPath: "IoT Hub", isOpen: false, answer: `refused: ${(error as Error).name}` };
  }
}

async function tryFiles(): Promise<Attempt> {
  const response = await fetch(fileUrl, { redirect: "error" });
  const body = await response.text();
  const answer = response.ok
    ? `downloaded ${body.length} bytes with the file link`
    : `${response.status} ${response.headers.get("x-ms-error-code") ?? response.statusText}`;
  return { accessPath: "Files", isOpen: response.ok, answer };
}

async function tryFlowApi(): Promise<Attempt> {
  const { url, sharedKey, terminalKey } = bundle.flow;
  const response = await fetch(`${url}/v1/employees/1001`, {
    redirect: "error",
    headers: {
      "Ocp-Apim-Subscription-Key": sharedKey,
      "X-Terminal-Id": bundle.hub.deviceId,
      "X-Terminal-Key": terminalKey,
    },
  });
  const body = await response.text();
  return { accessPath: "Flow API", isOpen: response.ok, answer: `${response.status} ${body.slice(0, 100)}` };
}
