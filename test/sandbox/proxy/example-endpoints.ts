import { once } from "node:events";
import { WebSocketServer } from "ws";
import type { ServiceEndpoint } from "../../../sandbox/proxy/service-endpoint.ts";

/* Two service endpoints for tests of the proxy. */

export const hubHost = "example-hub.azure-devices.net";
export const filesAccount = "examplefiles.blob.core.windows.net";

const sockets = new WebSocketServer({ noServer: true });

/** Responds with the request and the connection that it received, so that a test can check them. */
export const hub: ServiceEndpoint = {
  serves: (host) => host === hubHost,
  request: (req, res, connection) => {
    res.end(JSON.stringify({ url: req.url, hostHeader: req.headers.host, ...connection }));
  },
  upgrade: (req, socket, head) => {
    sockets.handleUpgrade(req, socket, head, (client) => client.on("message", (data) => client.send(data)));
  },
  raw: { 8883: (socket) => socket.pipe(socket) },
};

/** Counts the received bytes, and sends as many bytes as the header x-send requests. */
export const files: ServiceEndpoint = {
  serves: (host) => host === filesAccount,
  minimumTls: () => "TLSv1",
  plainHttp: true,
  request: async (req, res, connection) => {
    const wanted = Number(req.headers["x-send"] ?? 0);
    let got = 0;
    for await (const chunk of req) got += chunk.length;
    res.setHeader("x-got", got);
    res.setHeader("x-tls", connection.tls ?? "none");
    const piece = Buffer.alloc(1 << 20);
    for (let sent = 0; sent < wanted; sent += piece.length) if (!res.write(piece)) await once(res, "drain");
    res.end(wanted ? undefined : req.url);
  },
};
