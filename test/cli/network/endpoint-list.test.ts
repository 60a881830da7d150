import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { compareLists } from "../../../cli/network/compare-lists.ts";
import { createEndpointList } from "../../../cli/network/create-list.ts";
import { type EndpointList, endpointList } from "../../../cli/network/endpoint-list.ts";
import { ocspRequest } from "../../../cli/network/rows/certificate-rows.ts";
import { projectRoot } from "../../support/project-root.ts";
import { exampleOutputs } from "../examples.ts";

const now = Date.parse("2026-12-24T10:00:00Z");
const create = (input: Partial<Parameters<typeof createEndpointList>[0]> = {}) =>
  createEndpointList({ ...exampleOutputs, now, ...input });
const list = create();
const row = (id: string, of: EndpointList = list) => {
  const found = of.destinations.find((one) => one.id === id);
  if (!found) throw new Error(`There is no row ${id}.`);
  return found;
};

/** Parts of a value in DER: the bytes of each member of a sequence, with and without its head. */
function membersOf(der: Buffer): { whole: Buffer; content: Buffer }[] {
  const members: { whole: Buffer; content: Buffer }[] = [];
  for (let at = 0; at < der.length; ) {
    const first = der[at + 1] as number;
    const more = first > 0x80 ? first - 0x80 : 0;
    const length = more > 0 ? der.readUIntBE(at + 2, more) : first;
    const end = at + 2 + more + length;
    members.push({ whole: der.subarray(at, end), content: der.subarray(at + 2 + more, end) });
    at = end;
  }
  return members;
}

/** Subject and public key of a certificate (RFC 5280, section 4.1). */
function subjectAndKey(certificate: Buffer): [subject: Buffer, publicKey: Buffer] {
  const [outer] = membersOf(certificate);
  const [signed] = membersOf((outer as { content: Buffer }).content);
  const fields = membersOf((signed as { content: Buffer }).content);
  const bits = membersOf(fields[6]?.content as Buffer)[1]?.content as Buffer;
  return [fields[5]?.whole as Buffer, bits.subarray(1)];
}

describe("the list of destinations", () => {
  test("is valid by its type and by the JSON Schema in the docs, as JSON", () => {
    const json: unknown = JSON.parse(JSON.stringify(create({ customer: "example-customer" })));
    expect(endpointList.parse(json)).toEqual(json);
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    formats.default(ajv as never);
    const schema = join(projectRoot, "docs/reference/endpoints.schema.json");
    const validate = ajv.compile(JSON.parse(readFileSync(schema, "utf8")));
    expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...list, version: 2 })).toBe(false);
  });

  test.each([
    ["host", "example.com<script>"],
    ["host", "example.com\r\nX-Injected: 1"],
    ["host", "\u001b[31mexample.com"],
    ["host", "example.com/path"],
    ["host", "user@example.com"],
    ["host", "example.com;shutdown"],
    ["host", "."],
    ["probePath", "/a b"],
    ["probePath", "/a\r\nX-Injected: 1"],
  ])("accepts no %s %j", (member, value) => {
    const [first, ...rest] = list.destinations;
    const destinations = [{ ...first, [member]: value }, ...rest];
    expect(endpointList.safeParse({ ...list, destinations }).success).toBe(false);
  });

  test("has each row once, and each row in both languages", () => {
    const ids = list.destinations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { purpose, tlsInspectionReason } of list.destinations) {
      expect(purpose.no).not.toBe(purpose.en);
      expect(tlsInspectionReason.no).not.toBe(tlsInspectionReason.en);
    }
  });

  test("has both names of the IoT Hub, the second one as 'soon' and optional", () => {
    expect(row("iot-hub")).toMatchObject({
      host: "example.azure-devices.net",
      transport: "websocket",
      availability: "now",
      requirement: "required",
    });
    expect(row("iot-hub-second-name")).toMatchObject({
      host: "example.device.azure-devices.net",
      availability: "soon",
      requirement: "optional",
    });
  });

  test("has the files and the Flow API by HTTPS on port 443, each in its region", () => {
    const https = { ports: [{ protocol: "tcp", number: 443 }], transport: "https", minimumTls: "1.2" };
    expect(row("blob-storage")).toMatchObject({
      ...https,
      host: "example.blob.core.windows.net",
      region: "westeurope",
    });
    expect(row("flow-api")).toMatchObject({
      ...https,
      host: "example.azure-api.net",
      region: "norwayeast",
      probePath: "/flow/",
    });
  });

  test("has TeamViewer's hosts with TCP and UDP 5938, then TCP 443, then TCP 80, in this order", () => {
    const rows = list.destinations.filter(({ service }) => service === "teamviewer");
    expect(rows.map(({ host }) => host)).toEqual([
      "*.teamviewer.com",
      "master*.teamviewer.com",
      "router*.teamviewer.com",
    ]);
    for (const { ports, requirement, source } of rows) {
      expect(ports.map(({ protocol, number }) => `${protocol} ${number}`)).toEqual([
        "tcp 5938",
        "udp 5938",
        "tcp 443",
        "tcp 80",
      ]);
      expect(requirement).toBe("optional");
      expect(source).toMatch(/^https:\/\/www\.teamviewer\.com\/.*ports-used-by-teamviewer/);
    }
  });

  test("has the time by NTP, DNS without a host, and the hosts of revocation lists on port 80", () => {
    expect(row("time").ports).toEqual([{ protocol: "udp", number: 123 }]);
    expect(row("dns").host).toBeNull();
    const rows = list.destinations.filter(({ service }) => service === "certificate-status");
    const hosts = rows.map(({ host }) => host);
    for (const host of ["crl3.digicert.com", "ocsp.digicert.com", "oneocsp.microsoft.com"])
      expect(hosts).toContain(host);
    for (const one of rows) expect(one.ports).toEqual([{ protocol: "tcp", number: 80 }]);
  });

  test("names a file or an OCSP request of each host of certificates, which no sign-in page can answer", () => {
    const rows = list.destinations.filter(({ service }) => service === "certificate-status");
    for (const { host, probePath } of rows) {
      expect(probePath, host ?? "").toMatch(/\.(crl|crt|cab)$|^(\/ocsp)?\/MFE[\w%]+$/);
    }
    // The hashes of the issuer are those of the root certificate that Node brings (RFC 6960, section 4.1.1).
    const sha1 = (bytes: Buffer) => createHash("sha1").update(bytes).digest("hex");
    const pem = rootCertificates.find((one) =>
      /CN=DigiCert Global Root G2$/m.test(new X509Certificate(one).subject),
    );
    const [subject, publicKey] = subjectAndKey(new X509Certificate(pem as string).raw);
    const request = Buffer.from(decodeURIComponent(ocspRequest.slice(1)), "base64").toString("hex");
    expect(request).toContain(`0414${sha1(subject)}0414${sha1(publicKey)}0210`);
  });

  test("has the thumbprints that the certificates themselves have", () => {
    const known = new Map(
      rootCertificates.map((pem) => {
        const certificate = new X509Certificate(pem);
        const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
        const plain = (fingerprint: string) => fingerprint.replaceAll(":", "");
        return [
          name,
          {
            name,
            thumbprint: plain(certificate.fingerprint),
            sha256: plain(certificate.fingerprint256),
          },
        ];
      }),
    );
    const roots = list.destinations.flatMap((one) => one.roots);
    expect(new Set(roots.map(({ name }) => name)).size).toBe(4);
    for (const root of roots) expect(root, root.name).toEqual(known.get(root.name));
    // The contract with the makers of terminals names these two.
    expect(row("iot-hub").roots.map(({ name }) => name)).toEqual([
      "DigiCert Global Root G2",
      "Microsoft RSA Root Certificate Authority 2017",
    ]);
  });

  test("holds what TLS inspection needs: roots wherever it is possible or forbidden for our services", () => {
    for (const { minimumTls, roots, tlsInspection } of list.destinations) {
      expect(roots.length > 0).toBe(minimumTls !== null);
      if (minimumTls) expect(tlsInspection).not.toBe("not-applicable");
    }
    expect(row("iot-hub").tlsInspection).toBe("never");
  });
});

describe("a comparison with an older list", () => {
  const older = structuredClone(create({ now: Date.parse("2026-12-01T00:00:00Z") }));
  const [first] = older.destinations;
  if (!first) throw new Error("The list is empty.");
  first.host = "old.azure-devices.net";
  older.destinations = older.destinations.filter(({ id }) => id !== "time");
  older.destinations.push({ ...first, id: "former", host: "former.example.com" });

  test("finds nothing between lists that differ in their time only", () => {
    expect(compareLists(create({ now: 0 }), list)).toEqual([]);
  });

  test("names new, changed and removed rows, and the fields that changed", () => {
    const changes = compareLists(older, list).map((change) =>
      change.change === "changed" ? [change.change, change.id, change.fields] : [change.change, change.id],
    );
    expect(changes).toEqual([
      ["changed", "iot-hub", ["host"]],
      ["added", "time"],
      ["removed", "former"],
    ]);
  });

  test("keeps a row's first day, and gives a new row or host the day of the new list", () => {
    const next = create({ since: older });
    expect(row("iot-hub", next).since).toBe("2026-12-24");
    expect(row("time", next).since).toBe("2026-12-24");
    expect(row("blob-storage", next).since).toBe(row("blob-storage", older).since);
  });
});
