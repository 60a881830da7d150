import { randomBytes } from "node:crypto";
import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleStorageAccount } from "../../../support/example-resources.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, type Principal, refusal, rest, startHub } from "./iot-hub-harness.ts";

interface Job {
  jobId: string;
  status: string;
  progress: number;
  failureReason: string | null;
}

const accountName = "examplefiles";
let hub: HubUnderTest;
let as: Principal;
let credential: StorageSharedKeyCredential;

beforeAll(async () => {
  hub = await startHub({ storage: true });
  as = hub.principal("IoT Hub Data Contributor");
  const account = exampleStorageAccount(hub.azure.subscriptionId, accountName);
  hub.azure.resources.put(account);
  const [key] = hub.sandbox.accountKeys.list(account.id);
  credential = new StorageSharedKeyCredential(accountName, key?.value ?? "");
});
afterAll(() => hub[Symbol.asyncDispose]());

/** Creates a container, and reads and writes its blobs as text. */
async function container(name: string) {
  const client = new BlobServiceClient(`https://${accountName}.blob.core.windows.net`, credential, {
    proxyOptions: hub.sandbox.proxyOptions,
  }).getContainerClient(name);
  await client.create();
  return {
    uri: (permissions: string) => {
      const startsOn = new Date(hub.clock.now() - 60_000);
      const values = {
        containerName: name,
        permissions: ContainerSASPermissions.parse(permissions),
        startsOn,
        expiresOn: new Date(startsOn.getTime() + 3_600_000),
      };
      return `${client.url}?${generateBlobSASQueryParameters(values, credential)}`;
    },
    put: (blob: string, text: string) =>
      client.getBlockBlobClient(blob).upload(text, Buffer.byteLength(text)),
    get: async (blob: string) => (await client.getBlobClient(blob).downloadToBuffer()).toString(),
    has: (blob: string) => client.getBlobClient(blob).exists(),
    names: async () => {
      const names: string[] = [];
      for await (const blob of client.listBlobsFlat()) names.push(blob.name);
      return names;
    },
  };
}

const key = () => randomBytes(32).toString("base64");
const line = (id: string, more: object = {}) =>
  JSON.stringify({
    id,
    importMode: "create",
    status: "enabled",
    authentication: { symmetricKey: { primaryKey: key(), secondaryKey: key() } },
    ...more,
  });
const create = (body: object) => rest(hub, "POST", "/jobs/create", { as, body });
const finished = (id: string) =>
  waitFor(`job ${id} to end`, async () => {
    const job = JSON.parse((await rest(hub, "GET", `/jobs/${id}`, { as })).body) as Job;
    return !["enqueued", "running"].includes(job.status) && job;
  });

test("the official SDK imports devices, and invalid lines are listed in importErrors.log only", async () => {
  const files = await container("import-1");
  const good = Array.from({ length: 250 }, (_, index) =>
    line(`i-${index}`, { tags: { customer: "example", site: "north" } }),
  );
  const bad = [
    line("i-0"),
    "no json",
    JSON.stringify({ id: "no-status", importMode: "create" }),
    line("bad id"),
    line("i-1", { importMode: "delete" }),
  ];
  await files.put("devices.txt", [...good, ...bad, ""].join("\r\n"));
  const registry = hub.registry(as);
  const started = (await registry.importDevicesFromBlob(files.uri("r"), files.uri("rwd"))) as unknown as Job;
  expect(started).toMatchObject({ status: "enqueued", type: "import", outputBlobContainerUri: "" });
  const job = await finished(started.jobId);
  expect(job).toMatchObject({ status: "completed", failureReason: null, progress: 100 });

  const errors = (await files.get("importErrors.log"))
    .trim()
    .split("\r\n")
    .map((text) => JSON.parse(text) as { deviceId: string; errorCode: number });
  expect(errors.map(({ deviceId, errorCode }) => [deviceId, errorCode])).toEqual(
    expect.arrayContaining([
      ["i-0", 409001],
      ["", 400004],
      ["no-status", 400004],
      ["bad id", 400004],
    ]),
  );
  expect(errors).toHaveLength(4);
  expect(await files.names()).toEqual(["devices.txt", "importErrors.log"]);
  const count = await registry
    .createQuery("SELECT COUNT() AS n FROM devices WHERE tags.site = 'north'")
    .next();
  expect(count.result).toEqual([{ n: 249 }]);

  await files.put("devices.txt", line("i-more"));
  const again = (await registry.importDevicesFromBlob(files.uri("r"), files.uri("rwd"))) as unknown as Job;
  expect((await finished(again.jobId)).status).toBe("completed");
  expect(await files.has("importErrors.log")).toBe(false);
});

test("an exported device can be imported again, and an export without keys contains none", async () => {
  const files = await container("export-1");
  const registry = hub.registry(as);
  await registry.create({ deviceId: "e-1" });
  const { authentication } = (await registry.get("e-1")).responseBody;
  const job = (await registry.exportDevicesToBlob(files.uri("rwd"), false)) as unknown as Job;
  expect((await finished(job.jobId)).status).toBe("completed");
  const lines = (await files.get("devices.txt")).trim().split("\r\n");
  const device = lines.map((text) => JSON.parse(text)).find(({ id }) => id === "e-1");
  expect(device.authentication.symmetricKey).toEqual(authentication!.symmetricKey);

  await registry.delete("e-1");
  await files.put("devices.txt", `${JSON.stringify(device)}\n`);
  const back = (await registry.importDevicesFromBlob(files.uri("r"), files.uri("rwd"))) as unknown as Job;
  await finished(back.jobId);
  expect((await registry.get("e-1")).responseBody.authentication!.symmetricKey).toEqual(
    authentication!.symmetricKey,
  );

  const bare = (await registry.exportDevicesToBlob(files.uri("rwd"), true)) as unknown as Job;
  await finished(bare.jobId);
  const text = await files.get("devices.txt");
  expect(text).toMatch(/^WARNING/);
  expect(text).not.toContain(authentication!.symmetricKey!.primaryKey!);
});

test("a second job is a 403 until the first one is cancelled", async () => {
  const files = await container("one-1");
  await files.put("devices.txt", line("one-1"));
  const body = {
    type: "import",
    inputBlobContainerUri: files.uri("r"),
    outputBlobContainerUri: files.uri("rwd"),
  };
  const [first, second] = await Promise.all([create(body), create(body)]);
  const [accepted, refused] = first.status === 200 ? [first, second] : [second, first];
  expect(accepted.status).toBe(200);
  expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([403, "JobQuotaExceeded"]);
  const { jobId } = JSON.parse(accepted.body) as Job;
  expect((await rest(hub, "DELETE", `/jobs/${jobId}`, { as })).status).toBe(204);
  expect((await finished(jobId)).status).toBe("cancelled");
  const third = await create(body);
  expect(third.status).toBe(200);
  await finished((JSON.parse(third.body) as Job).jobId);
  expect((await rest(hub, "GET", "/devices/one-1", { as })).status).toBe(200);
  const list = JSON.parse((await rest(hub, "GET", "/jobs", { as })).body) as Job[];
  expect(list.map((job) => job.jobId)).toContain(jobId);
});

test("a job whose SAS lacks a permission is refused, and the answer does not contain the SAS", async () => {
  const files = await container("sas-1");
  await files.put("devices.txt", line("sas-1"));
  for (const [input, output, message] of [
    ["r", "r", "Unauthorized to write to output blob container"],
    ["r", "rw", "Unauthorized to delete from output blob container"],
    ["w", "rwd", "Unauthorized to read from input blob container"],
  ] as const) {
    const body = {
      type: "import",
      inputBlobContainerUri: files.uri(input),
      outputBlobContainerUri: files.uri(output),
    };
    const answer = await create(body);
    expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([
      400,
      "BlobContainerValidationError",
    ]);
    expect(answer.body).toContain(message);
    expect(answer.body).not.toContain("sig=");
  }
  expect(hub.logged.join("\n")).not.toContain("sig=");
});

test("an import job that uses the hub's identity is refused with the feature's name", async () => {
  const container = `https://${accountName}.blob.core.windows.net/any`;
  const call = hub.registry(as).importDevicesFromBlobByIdentity(container, container);
  const { name, message } = await refusal(call);
  expect([name, message]).toEqual(["Error", expect.stringContaining("use the hub's identity")]);
});

test("a job without devices.txt fails, an unknown job is a 404, and jobs need the right jobs/write", async () => {
  const files = await container("missing-1");
  const body = {
    type: "import",
    inputBlobContainerUri: files.uri("r"),
    outputBlobContainerUri: files.uri("rwd"),
  };
  const { jobId } = JSON.parse((await create(body)).body) as Job;
  expect(await finished(jobId)).toMatchObject({
    status: "failed",
    failureReason: "The blob devices.txt does not exist in the input container.",
  });
  const unknown = await rest(hub, "GET", "/jobs/none", { as });
  expect([unknown.status, unknown.headers["iothub-errorcode"]]).toEqual([404, "JobNotFound"]);
  const registrar = hub.registry(hub.principal("IoT Hub Registry Contributor"));
  const call = registrar.importDevicesFromBlob(files.uri("r"), files.uri("rwd"));
  expect((await refusal(call)).name).toBe("UnauthorizedError");
});
