import "reflect-metadata";
import { KeyObject, webcrypto, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { X509CertificateGenerator } from "@peculiar/x509";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { CertificateAuthority } from "../../../sandbox/proxy/certificate-authority.ts";
import { type AzureProxy, startProxy } from "../../../sandbox/proxy/proxy.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { files, filesAccount, hub, hubHost } from "./example-endpoints.ts";
import { agentOf, call, callPlain, secure, tunnel } from "./proxy-client.ts";

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let proxy: AzureProxy;
const log: string[] = [];
const start = (endpoints = [hub, files]) =>
  startProxy({ log: (line) => log.push(line) }, { dir: dir.path, port: 0, endpoints });

beforeAll(async () => {
  dir = await temporaryFolder();
  proxy = await start();
});
afterAll(async () => {
  await proxy.close();
  await dir[Symbol.asyncDispose]();
});

test("routes an Azure host name to its endpoint, over TLS that clients of the CA trust", async () => {
  const answer = await call(proxy, `https://${hubHost}/devices/t-1?api-version=2021-04-12`);
  expect(JSON.parse(answer.body)).toEqual({
    url: "/devices/t-1?api-version=2021-04-12",
    hostHeader: hubHost,
    host: hubHost,
    port: 443,
    tls: "TLSv1.3",
  });
});

test("keeps a connection alive for the next request", async () => {
  const agent = agentOf(proxy, { keepAlive: true });
  const local: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    await call(proxy, `https://${filesAccount}/a`, { agent });
    local.push(Object.values(agent.freeSockets).flatMap((list) => list!.map((socket) => socket.localPort)));
  }
  expect(local[0]).toHaveLength(1);
  expect(local[2]).toEqual(local[0]);
  agent.destroy();
});

test("rejects a host that is not Azure's with 403, and an Azure host that no endpoint serves with 502", async () => {
  const foreign = await tunnel(proxy, "example.com:443");
  expect(foreign).toMatchObject({ status: 403, body: expect.stringContaining("example.com") });
  const missing = await tunnel(proxy, "not-deployed.azure-devices.net:443");
  expect(missing).toMatchObject({
    status: 502,
    body: expect.stringContaining("Cannot resolve not-deployed.azure-devices.net"),
  });
  const lookalike = await tunnel(proxy, "evilazure-devices.net:443");
  expect(lookalike.status).toBe(403);
  const port = await tunnel(proxy, `${filesAccount}:8883`);
  expect(port).toMatchObject({ status: 502, body: expect.stringContaining("port 8883") });
});

test("rejects TLS 1.0 and 1.1 in the handshake, unless the endpoint accepts them", async () => {
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  await expect(secure(proxy, hubHost, (await tunnel(proxy, `${hubHost}:443`)).socket, old)).rejects.toThrow(
    /protocol version/,
  );
  expect(log.some((line) => line.includes(hubHost) && line.includes("ERR_SSL"))).toBe(true);
  const answer = await call(proxy, `https://${filesAccount}/x`, { ...old, maxVersion: "TLSv1" });
  expect(answer.headers["x-tls"]).toBe("TLSv1");
  const newer = await call(proxy, `https://${filesAccount}/x`, {
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
  });
  expect(newer.headers["x-tls"]).toBe("TLSv1.2");
});

test("offers TLS 1.3, also at a host that accepts older versions", async () => {
  const answer = await call(proxy, `https://${filesAccount}/x`, { minVersion: "TLSv1.3" });
  expect(answer.headers["x-tls"]).toBe("TLSv1.3");
});

test("certificates and their authority have RSA keys, as Azure's have", async () => {
  const over = (await tunnel(proxy, `${filesAccount}:443`)).socket;
  const socket = await secure(proxy, filesAccount, over, {
    maxVersion: "TLSv1.2",
    ciphers: "ECDHE-RSA-AES256-GCM-SHA384",
    sigalgs: "RSA-PSS+SHA256:RSA+SHA256",
  });
  const leaf = socket.getPeerX509Certificate();
  expect(leaf?.publicKey.asymmetricKeyType).toBe("rsa");
  expect(leaf?.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(new X509Certificate(proxy.ca).publicKey.asymmetricKeyType).toBe("rsa");
  socket.destroy();
  const ecdsa = (await tunnel(proxy, `${filesAccount}:443`)).socket;
  const options = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" } as const;
  await expect(secure(proxy, filesAccount, ecdsa, options)).rejects.toThrow(/handshake failure/);
});

test("an authority with an ECDSA key, which an older version has created, stays in use", async () => {
  await using folder = await temporaryFolder();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const older = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Older",
    keys,
    signingAlgorithm: algorithm,
  });
  writeFileSync(
    join(folder.path, "ca.key"),
    KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }),
  );
  writeFileSync(join(folder.path, "ca.pem"), older.toString("pem"));
  const ca = await CertificateAuthority.open(folder.path);
  const leaf = new X509Certificate((await ca.leaf(hubHost)).cert);
  expect(leaf.publicKey.asymmetricKeyType).toBe("rsa");
  expect(leaf.verify(new X509Certificate(ca.pem).publicKey)).toBe(true);
});

// RFC 9112, 3.2.2: a server must accept the absolute form. Java's AMQP over WebSockets sends it.
test("accepts the absolute form of a target, in requests and WebSockets, and refuses another host with 421", async () => {
  const path = `https://${hubHost}:443/devices/t-1?a=b`;
  const answer = await call(proxy, `https://${hubHost}/`, { path });
  expect(JSON.parse(answer.body)).toMatchObject({ url: "/devices/t-1?a=b" });
  expect(
    JSON.parse((await call(proxy, `https://${hubHost}/`, { path: `https://${hubHost}?x` })).body),
  ).toMatchObject({
    url: "/?x",
  });
  expect((await call(proxy, `https://${hubHost}/`, { path: `https://${filesAccount}/x` })).status).toBe(421);
  const upgrade = async (target: string) => {
    const socket = await secure(proxy, hubHost, (await tunnel(proxy, `${hubHost}:443`)).socket);
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: ${hubHost}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [head] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return head.toString().split(" ")[1];
  };
  expect(await upgrade(`https://${hubHost}/$iothub/websocket`)).toBe("101");
  expect(await upgrade(`wss://${hubHost.toUpperCase()}/$iothub/websocket?x=1`)).toBe("101");
  expect(await upgrade("https://other.azure-devices.net/$iothub/websocket")).toBe("421");
});

test("chooses HTTP/1.1 for a client that also offers HTTP/2", async () => {
  const socket = await secure(proxy, hubHost, (await tunnel(proxy, `${hubHost}:443`)).socket, {
    ALPNProtocols: ["h2", "http/1.1"],
  });
  expect(socket.alpnProtocol).toBe("http/1.1");
  socket.destroy();
});

test("upgrades to a WebSocket when the endpoint supports it, and otherwise serves the request as HTTP", async () => {
  const client = new WebSocket(`wss://${hubHost}/$iothub/websocket`, {
    agent: agentOf(proxy),
    ca: readFileSync(proxy.caFile),
  });
  await once(client, "open");
  client.send("hello");
  expect((await once(client, "message"))[0].toString()).toBe("hello");
  client.close();
  await once(client, "close");
  const refused = await call(proxy, `https://${filesAccount}/ws`, {
    headers: { connection: "Upgrade", upgrade: "websocket" },
  });
  expect(refused).toMatchObject({ status: 200, body: "/ws" });
});

test("passes the bytes of port 8883 to the endpoint, with and without the proxy", async () => {
  const direct = await proxy.listen(0, 8883);
  for (const over of [(await tunnel(proxy, `${hubHost}:8883`)).socket, direct]) {
    const socket = await secure(proxy, hubHost, over);
    socket.write("ping");
    expect((await once(socket, "data"))[0].toString()).toBe("ping");
    socket.end();
    await once(socket, "close");
  }
  await expect(secure(proxy, filesAccount, direct)).rejects.toThrow(/unrecognized name/);
  await expect(secure(proxy, "", direct, { servername: "" })).rejects.toThrow(/unrecognized name/);
});

test("serves HTTPS on a listener without proxy, by the server name of the client", async () => {
  const port = await proxy.listen(0, 443);
  const answer = await call(proxy, `https://127.0.0.1:${port}/direct`, {
    agent: undefined,
    servername: hubHost,
    headers: { host: hubHost },
  });
  expect(JSON.parse(answer.body)).toMatchObject({ url: "/direct", host: hubHost, port: 443 });
});

test("routes plain HTTP only to an endpoint that accepts it", async () => {
  expect(await callPlain(proxy, `http://${filesAccount}/c/b?x=1`)).toMatchObject({
    status: 200,
    body: "/c/b?x=1",
  });
  expect((await callPlain(proxy, `http://${hubHost}/`)).status).toBe(502);
  expect((await callPlain(proxy, "http://example.com/")).status).toBe(403);
  expect((await callPlain(proxy, "/")).status).toBe(400);
});

test("streams large bodies in both directions without buffering them", async () => {
  const size = 256 << 20;
  const before = process.memoryUsage().rss;
  const socket = await secure(proxy, filesAccount, (await tunnel(proxy, `${filesAccount}:443`)).socket);
  socket.write(
    `PUT /big HTTP/1.1\r\nHost: ${filesAccount}\r\nContent-Length: ${size}\r\nX-Send: ${size}\r\n`,
  );
  socket.write("Connection: close\r\n\r\n");
  let got = 0;
  socket.on("data", (chunk: Buffer) => {
    got += chunk.length;
  });
  const piece = Buffer.alloc(1 << 20);
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!socket.write(piece)) await once(socket, "drain");
  }
  await once(socket, "close");
  expect(got).toBeGreaterThan(size);
  expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20);
});

test("uses the same CA after a restart, and only the owner can read its key", async () => {
  const before = readFileSync(proxy.caFile, "utf8");
  const second = await start();
  expect(readFileSync(second.caFile, "utf8")).toBe(before);
  expect(second.ca.trim()).toBe(before.trim());
  expect((await call(second, `https://${hubHost}/`)).status).toBe(200);
  await second.close();
  if (process.platform !== "win32") expect(statSync(join(dir.path, "ca.key")).mode & 0o777).toBe(0o600);
});

test("caches the certificates of recently used hosts, and issues an evicted one again", async () => {
  const ca = await CertificateAuthority.open(dir.path);
  const leaf = (i: number) => ca.leaf(`t-${i}.example.com`);
  const first = await leaf(0);
  await Promise.all(Array.from({ length: 399 }, (_, i) => leaf(i + 1)));
  expect(await leaf(0)).toBe(first);
  // More concurrent requests than the cache has entries: each is answered, though some entries are evicted at once.
  const leaves = await Promise.all(Array.from({ length: 600 }, (_, i) => leaf(i + 400)));
  expect(leaves.filter(({ cert }) => cert.startsWith("-----BEGIN CERTIFICATE-----"))).toHaveLength(600);
  expect(await leaf(999)).toBe(await leaf(999));
  expect((await leaf(0)).cert).not.toBe(first.cert);
});

test("reports the port when another program uses it", async () => {
  const port = Number(new URL(proxy.url).port);
  const second = startProxy({ log: () => {} }, { dir: dir.path, port, endpoints: [] });
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE", port });
});

test("closes every connection when the proxy closes", async () => {
  const other = await start();
  const client = new WebSocket(`wss://${hubHost}/$iothub/websocket`, {
    agent: agentOf(other),
    ca: readFileSync(other.caFile),
  });
  await once(client, "open");
  const idle = await secure(other, hubHost, await other.listen(0, 8883));
  idle.on("error", () => {});
  const ended = Promise.all([once(client, "close"), once(idle, "close")]);
  await other.close();
  await ended;
});
