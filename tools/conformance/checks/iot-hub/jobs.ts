import {
  type ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { Check, Trial } from "../../check.ts";
import { type Answer, bearer, send } from "../../clients/http.ts";
import { HubClient, newKey } from "../../clients/hub.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/registry";
/** Seconds that a job of a few devices may take. Azure documents none. */
const jobSeconds = 900;

/** A new container of the shared account, and its URI with a SAS of an hour. */
async function jobContainer(t: Trial): Promise<{ container: ContainerClient; uri: string }> {
  const storage = await t.fixture.account();
  const container = storage.blobs().getContainerClient(t.name);
  await container.create();
  const sas = generateBlobSASQueryParameters(
    {
      containerName: t.name,
      permissions: ContainerSASPermissions.parse("rwdl"),
      expiresOn: new Date(t.target.now() + 3_600_000),
    },
    new StorageSharedKeyCredential(storage.name, storage.key),
  );
  return { container, uri: `${container.url}?${sas}` };
}

const create = (hub: HubClient, body: object) => hub.send("POST", "/jobs/create", { body });

/** Waits for the end of a job. @returns The job. */
async function finished(t: Trial, hub: HubClient, id: string): Promise<Answer["json"]> {
  let job: Answer["json"];
  const isDone = async () => {
    job = (await hub.send("GET", `/jobs/${id}`)).json;
    return !["unknown", "enqueued", "running"].includes(job?.status);
  };
  t.measure("time of the job", await t.until("the end of the job", jobSeconds, isDone));
  return job;
}

/** Waits until the hub accepts a job: it runs one at a time. @returns The ID of the job. */
async function start(t: Trial, hub: HubClient, body: object): Promise<string> {
  let answer: Answer | undefined;
  await t.until("the end of other jobs", jobSeconds, async () => {
    answer = await create(hub, body);
    return HubClient.codeOf(answer) !== "JobQuotaExceeded";
  });
  if (answer?.status !== 200) throw new Error(`creating the job: ${answer?.status} ${answer?.text}`);
  return answer.json.jobId;
}

/** The identities of an export, which can also have a line with a warning about its keys. */
const identities = (text: string) =>
  text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

/** Import and export of identities. */
export const jobChecks: Check[] = [
  {
    id: "iot-hub/job-export",
    section,
    title: "An export job writes one line a device into devices.txt, with keys only when they are asked for",
    azure: "The job is `completed`; the keys are null with `excludeKeysInExport`.",
    source: sources.hubJobs,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const { container, uri } = await jobContainer(t);
      for (const excludeKeysInExport of [false, true]) {
        const body = { type: "export", outputBlobContainerUri: uri, excludeKeysInExport };
        const job = await finished(t, hub, await start(t, hub, body));
        const text = (await container.getBlobClient("devices.txt").downloadToBuffer()).toString();
        const line = identities(text).find(({ id }) => id === t.name);
        const key = line?.authentication?.symmetricKey?.primaryKey ?? null;
        const what = excludeKeysInExport ? "without keys" : "with keys";
        t.expect(
          `${what}: status, device, key`,
          [job.status, line?.id === t.name, key === device.primaryKey],
          ["completed", true, !excludeKeysInExport],
        );
      }
    },
  },
  {
    id: "iot-hub/job-import",
    section,
    title:
      "An import job creates the devices of a blob, and lists the lines that it refuses in importErrors.log",
    azure: "The job is `completed`, also with lines that fail.",
    source: sources.hubJobs,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      const { container, uri } = await jobContainer(t);
      const authentication = { symmetricKey: { primaryKey: newKey(), secondaryKey: newKey() } };
      const line = (id: string) =>
        JSON.stringify({ id, importMode: "create", status: "disabled", authentication });
      const text = `${line(t.name)}\r\n${line("not an id")}`;
      await container.getBlockBlobClient("devices.txt").upload(text, Buffer.byteLength(text));
      const body = { type: "import", inputBlobContainerUri: uri, outputBlobContainerUri: uri };
      const job = await finished(t, hub, await start(t, hub, body));
      t.expect("job", job.status, "completed");
      const { status, json } = await hub.send("GET", `/devices/${t.name}`);
      t.expect("device", [status, json?.status], [200, "disabled"]);
      t.expect("errors are listed", await container.getBlobClient("importErrors.log").exists(), true);
    },
  },
  {
    id: "iot-hub/job-second",
    section,
    title: "A second job is refused while one is active",
    azure: "403 `JobQuotaExceeded`.",
    source: sources.hubQuotas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { uri } = await jobContainer(t);
      const body = { type: "export", outputBlobContainerUri: uri };
      const id = await start(t, hub, body);
      const second = await create(hub, body);
      if (second.status === 200) {
        await finished(t, hub, second.json.jobId);
        throw new Error("the first job may have ended before the second one was asked for");
      }
      t.expect("second job", [second.status, HubClient.codeOf(second)], [403, "JobQuotaExceeded"]);
      t.expect("first job", (await finished(t, hub, id)).status, "completed");
    },
  },
  {
    id: "iot-hub/job-container",
    section,
    title: "A job for a container that its SAS does not open is refused",
    azure: "400 `BlobContainerValidationError`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { uri } = await jobContainer(t);
      const body = { type: "export", outputBlobContainerUri: uri.replace(/sig=[^&]+/, "sig=AAAA") };
      const answer = await create(hub, body);
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [400, "BlobContainerValidationError"]);
    },
  },
  {
    id: "iot-hub/registry-throttle",
    section,
    title: "A hub throttles registry calls",
    azure:
      "429 with `Message` and `ExceptionMessage`, some time after more than 100 calls a minute and unit: the hub accepts bursts first. A live hub sent no `Retry-After`.",
    source: sources.hubQuotas,
    known: "documented",
    differs:
      "The limit holds for any 60 s. A request waits up to 3 s, then it is a `ThrottlingBacklogTimeout`.",
    async run(t) {
      const hub = await t.fixture.hub();
      const refused = await untilThrottled(t, hub);
      await t.target.pass(61, "the IoT hub throttles registry operations for a minute");
      if (!refused) throw new Error("the hub accepted 1,200 calls");
      t.expect("status", refused.status, 429);
      t.expect("code begins with Throttling", HubClient.codeOf(refused)?.startsWith("Throttling"), true);
      t.expect("members of the body", Object.keys(refused.json ?? {}).sort(), [
        "ExceptionMessage",
        "Message",
      ]);
      t.expect("has Retry-After", refused.headers["retry-after"] !== undefined, false);
      t.expect("after a minute", (await hub.send("GET", `/devices/${t.name}`)).status, 404);
    },
  },
];

/** Sends registry calls, 20 at a time, until one is a 429. @returns Undefined when the hub accepts 1,200 calls. */
async function untilThrottled(t: Trial, hub: HubClient): Promise<Answer | undefined> {
  const headers = await bearer(t.target, "https://iothubs.azure.net/.default");
  const url = `https://${hub.host}/devices/${t.name}?api-version=2021-04-12`;
  for (let round = 0; round < 60; round++) {
    const calls = Array.from({ length: 20 }, () => send(t.target, "GET", url, { headers }));
    const refused = (await Promise.all(calls)).find(({ status }) => status === 429);
    if (refused) return refused;
  }
  return undefined;
}
