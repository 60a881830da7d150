import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CertificateAuthority } from "@terminal-fleet/sandbox/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadPulumi } from "../../../tools/pulumi-cli/download.ts";

const version = "3.0.0";

/** A short form of the official installer: it creates an executable below its argument --install-root. */
const installer = `#!/bin/sh
while [ "$1" != "--install-root" ]; do shift; done
/bin/mkdir -p "$2/bin"
printf '#!/bin/sh\\necho downloaded\\n' > "$2/bin/pulumi"
/bin/chmod +x "$2/bin/pulumi"
`;

let folder: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-download-"));
  vi.stubEnv("PULUMI_HOME", join(folder, "home"));
  for (const name of ["no_proxy", "NO_PROXY", "https_proxy"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/**
 * Starts a proxy and sets HTTPS_PROXY to it.
 * @param targetPort Local port to which it connects every host; undefined rejects every connection with 403.
 * @returns The hosts that were requested, as they arrive.
 */
async function startProxy(targetPort: number | undefined): Promise<string[]> {
  const requested: string[] = [];
  const server = createServer();
  server.on("connect", (request, client: Socket) => {
    requested.push(request.url ?? "");
    if (targetPort === undefined) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const upstream = connect(targetPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    for (const socket of [client, upstream]) socket.on("error", () => {});
  });
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${await listen(server)}`);
  return requested;
}

test.skipIf(process.platform === "win32")(
  "the installer is downloaded through the proxy of HTTPS_PROXY",
  async () => {
    const authority = await CertificateAuthority.open(folder);
    vi.stubEnv("NODE_EXTRA_CA_CERTS", authority.caFile);
    const paths: string[] = [];
    const port = await listen(
      createTlsServer(await authority.leaf("get.pulumi.com"), (request, response) => {
        paths.push(`${request.method} ${request.url}`);
        response.end(request.method === "HEAD" ? undefined : installer);
      }),
    );
    const requested = await startProxy(port);
    const reported: string[] = [];
    const path = await downloadPulumi(version, (line) => reported.push(line));
    expect((await promisify(execFile)(path)).stdout).toBe("downloaded\n");
    expect(requested).toEqual(["get.pulumi.com:443", "get.pulumi.com:443"]);
    expect(paths).toEqual(["HEAD /install.sh", "GET /install.sh"]);
    expect(reported).toEqual(["Downloading Pulumi 3.0.0 with its official installer …"]);
  },
);

test("the error says that the proxy of HTTPS_PROXY rejects the connection", async () => {
  const requested = await startProxy(undefined);
  await expect(downloadPulumi(version, () => {})).rejects.toThrow(
    /^get\.pulumi\.com cannot be reached through the proxy of HTTPS_PROXY \(Proxy response .403.*\)$/,
  );
  expect(requested).toEqual(["get.pulumi.com:443"]);
});

test("a version that was downloaded earlier is not downloaded again", async () => {
  const requested = await startProxy(undefined);
  const bin = join(folder, "home", "versions", version, "bin");
  mkdirSync(bin, { recursive: true });
  const path = join(bin, process.platform === "win32" ? "pulumi.exe" : "pulumi");
  writeFileSync(path, "");
  expect(await downloadPulumi(version, () => {})).toBe(path);
  expect(requested).toEqual([]);
});
