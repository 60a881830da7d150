import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
  type PipelineRequest,
} from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitAnswer, maxAnswerBytes } from "../../../cli/azure/http.ts";

let server: Server;
let sentBytes = 0;
const chunk = Buffer.alloc(1024 * 1024, " ");

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== "/endless") return response.end("short");
    const send = () => {
      while (!response.destroyed) {
        sentBytes += chunk.length;
        if (!response.write(chunk)) return;
      }
    };
    response.on("drain", send);
    send();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function send(path: string, change: Partial<PipelineRequest> = {}) {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${path}`;
  const request = Object.assign(createPipelineRequest({ url, allowInsecureConnection: true }), change);
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy({
    name: "limit",
    sendRequest(request, next) {
      limitAnswer(request);
      // A retry passes the same request again.
      limitAnswer(request);
      return next(request);
    },
  });
  return pipeline.sendRequest(createDefaultHttpClient(), request);
}

test("an endless answer ends with an error at the limit, and not when the memory is used up", async () => {
  await expect(send("/endless")).rejects.toThrow(/the answer has more than 256 MB/);
  expect(sentBytes).toBeGreaterThan(maxAnswerBytes);
  expect(sentBytes).toBeLessThan(maxAnswerBytes + 64 * 1024 * 1024);
});

test("a short answer is read, and its progress is reported as before", async () => {
  const reported: number[] = [];
  const onDownloadProgress = ({ loadedBytes }: { loadedBytes: number }) => reported.push(loadedBytes);
  const { bodyAsText } = await send("/short", { onDownloadProgress });
  expect([bodyAsText, reported]).toEqual(["short", [5]]);
});

test("an answer that is read as a stream has no limit", async () => {
  const request: Partial<PipelineRequest> = { streamResponseStatusCodes: new Set([200]) };
  const { readableStreamBody } = await send("/short", request);
  expect(readableStreamBody).toBeDefined();
  readableStreamBody?.resume();
});
