import type { Bilingual, Destination } from "../endpoint-list.ts";

/*
 * Hosts of certificates and revocation lists, on port 80. Source: "Azure Certificate Authority details", "Certificate
 * downloads and revocation lists" (azure/security/fundamentals/azure-ca-details). Its hosts in China are omitted: terminals
 * use no service of Azure China.
 */

const caDetails = "https://learn.microsoft.com/azure/security/fundamentals/azure-ca-details";

const purposes = {
  crl: {
    en: "Certificate revocation list (CRL): Windows checks that a server's certificate was not revoked.",
    no: "Sperreliste for sertifikater (CRL): Windows kontrollerer at sertifikatet til en server ikke er trukket tilbake.",
  },
  ocsp: {
    en: "Revocation status of single certificates (OCSP).",
    no: "Sperrestatus for enkeltsertifikater (OCSP).",
  },
  issuer: {
    en: "Download of an issuer's certificate that a server did not send (AIA).",
    no: "Nedlasting av et utstedersertifikat som serveren ikke sendte med (AIA).",
  },
  crlAndIssuer: {
    en: "Revocation lists (CRL) and issuers' certificates (AIA) of Microsoft's certificate authorities, below /pkiops and /pki.",
    no: "Sperrelister (CRL) og utstedersertifikater (AIA) fra Microsofts sertifikatutstedere, under /pkiops og /pki.",
  },
  roots: {
    en: "Windows fetches root certificates that it does not have yet.",
    no: "Windows henter rotsertifikater som det ikke har fra før.",
  },
} satisfies Record<string, Bilingual>;

/** Host and purpose, in the order of the page. */
const hosts: [host: string, purpose: keyof typeof purposes][] = [
  ["www.microsoft.com", "crlAndIssuer"],
  ["crl.microsoft.com", "crl"],
  ["mscrl.microsoft.com", "crl"],
  ["crl3.digicert.com", "crl"],
  ["crl4.digicert.com", "crl"],
  ["cdp.geotrust.com", "crl"],
  ["oneocsp.microsoft.com", "ocsp"],
  ["ocsp.msocsp.com", "ocsp"],
  ["ocsp.digicert.com", "ocsp"],
  ["status.geotrust.com", "ocsp"],
  ["cacerts.digicert.com", "issuer"],
  ["cacerts.geotrust.com", "issuer"],
];

export function createCertificateRows(): Destination[] {
  return [
    ...hosts.map(([host, purpose]) => createRow(host, purposes[purpose], caDetails)),
    // Source: "Configure trusted roots and disallowed certificates", automatic root update.
    createRow(
      "ctldl.windowsupdate.com",
      purposes.roots,
      "https://learn.microsoft.com/windows-server/identity/ad-cs/configure-trusted-roots-disallowed-certificates",
    ),
  ];
}

function createRow(host: string, purpose: Bilingual, source: string): Destination {
  return {
    id: `certificates-${host.replaceAll(".", "-")}`,
    service: "certificate-status",
    host,
    ports: [{ protocol: "tcp", number: 80 }],
    transport: "http",
    probePath: "/",
    availability: "now",
    requirement: "optional",
    direction: "outbound",
    region: null,
    purpose,
    protection: null,
    revocation: null,
    personalData: null,
    dataLocation: null,
    tlsInspection: "not-applicable",
    tlsInspectionReason: {
      en: "Plain HTTP. The content is signed by the certificate authority.",
      no: "Vanlig HTTP. Innholdet er signert av sertifikatutstederen.",
    },
    minimumTls: null,
    roots: [],
    source,
    since: "2026-11-30",
  };
}
