import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CertificateAuthority } from "../../../../sandbox/proxy/certificate-authority.ts";
import { ProxyOutbound } from "../../../../sandbox/services/api-management/gateway/outbound.ts";
import { Headers, RequestMessage } from "../../../../sandbox/services/api-management/messages.ts";
import { Url } from "../../../../sandbox/services/api-management/url.ts";
import { temporaryFolder } from "../../../support/folder.ts";

test("the gateway checks chain and name of a backend's certificate, unless the backend switches the check off", async () => {
  await using folder = await temporaryFolder();
  const trusted = await CertificateAuthority.open(join(folder.path, "trusted"));
  const foreign = await CertificateAuthority.open(join(folder.path, "foreign"));
  /** The status of a request to flow.example.com, or the gateway's error. */
  const send = async (
    authority: CertificateAuthority,
    certificateHost: string,
    tls: { chain: boolean; name: boolean },
  ) => {
    const backend = createHttpsServer(await authority.leaf(certificateHost), (_, res) => res.end("hello"));
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    const { port } = backend.address() as AddressInfo;
    // A proxy that connects every request to the backend.
    const proxy = createHttpServer().on("connect", (_req, socket) => {
      const onward = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) end.on("error", () => {});
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const outbound = new ProxyOutbound(
      () => proxyUrl,
      () => trusted.pem,
    );
    const request = new RequestMessage(
      "GET",
      new Url(new URL("https://flow.example.com/")),
      new Headers(),
      null,
    );
    try {
      return (await outbound.send(request, { seconds: 10, whole: true, tls })).status;
    } catch (error) {
      return (error as Error).message;
    } finally {
      outbound.close();
      backend.closeAllConnections();
      backend.close();
      proxy.close();
    }
  };
  const host = "flow.example.com";
  const both = { chain: true, name: true };
  expect(await send(trusted, host, both)).toBe(200);
  expect(await send(foreign, host, both)).toMatch(/connection to flow.example.com failed/);
  expect(await send(foreign, host, { chain: false, name: true })).toBe(200);
  expect(await send(trusted, "other.example.com", both)).toMatch(/connection to flow.example.com failed/);
  expect(await send(trusted, "other.example.com", { chain: true, name: false })).toBe(200);
});
