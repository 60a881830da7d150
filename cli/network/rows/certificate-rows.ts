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

/** Names of files with a certificate or a revocation list of a root or an issuer of Azure. */
const files = {
  digicertG2Crl: "/DigiCertGlobalRootG2.crl",
  geotrustCrl: "/GeoTrustTLSRSACAG1.crl",
  microsoftRoot: "/pkiops/certs/Microsoft%20RSA%20Root%20Certificate%20Authority%202017.crt",
} as const;

/**
 * Asks for the status of a certificate below DigiCert Global Root G2 (RFC 5019, section 5: the request in base64, encoded
 * for a URL). A responder of another issuer answers "unauthorized", which is an OCSP answer too. A test computes the request
 * again from the certificate that Node brings.
 */
export const ocspRequest =
  "/MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ50otx%2Fh0Ztl%2Bz8SiPI7wEWVxDlQQUTiJUIBiV5uNu5g%2F6%2BrkS7QYXjzkCEAqvpsXKY8RRQeo74ffHUxc%3D";

/**
 * Host, purpose, and the file that the doctor asks for, in the order of the page. The files are those that the
 * certificates themselves name (extensions "CRL distribution points" and "authority information access").
 */
const hosts: [host: string, purpose: keyof typeof purposes, file: string][] = [
  ["www.microsoft.com", "crlAndIssuer", files.microsoftRoot],
  ["crl.microsoft.com", "crl", "/pki/crl/products/MicRooCerAut2011_2011_03_22.crl"],
  ["mscrl.microsoft.com", "crl", "/pki/mscorp/crl/Microsoft%20RSA%20TLS%20CA%2002.crl"],
  ["crl3.digicert.com", "crl", files.digicertG2Crl],
  ["crl4.digicert.com", "crl", files.digicertG2Crl],
  ["cdp.geotrust.com", "crl", files.geotrustCrl],
  ["oneocsp.microsoft.com", "ocsp", `/ocsp${ocspRequest}`],
  ["ocsp.msocsp.com", "ocsp", ocspRequest],
  ["ocsp.digicert.com", "ocsp", ocspRequest],
  ["status.geotrust.com", "ocsp", ocspRequest],
  ["cacerts.digicert.com", "issuer", "/DigiCertGlobalRootG2.crt"],
  ["cacerts.geotrust.com", "issuer", "/GeoTrustTLSRSACAG1.crt"],
];

export function createCertificateRows(): Destination[] {
  return [
    ...hosts.map(([host, purpose, file]) => createRow(host, file, purposes[purpose], caDetails)),
    // Source: "Configure trusted roots and disallowed certificates", automatic root update.
    createRow(
      "ctldl.windowsupdate.com",
      "/msdownload/update/v3/static/trustedr/en/disallowedcertstl.cab",
      purposes.roots,
      "https://learn.microsoft.com/windows-server/identity/ad-cs/configure-trusted-roots-disallowed-certificates",
    ),
  ];
}

function createRow(host: string, probePath: string, purpose: Bilingual, source: string): Destination {
  return {
    id: `certificates-${host.replaceAll(".", "-")}`,
    service: "certificate-status",
    host,
    ports: [{ protocol: "tcp", number: 80 }],
    transport: "http",
    probePath,
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
