import "reflect-metadata";
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { RecentlyUsed } from "./recently-used.ts";

/** A host's certificate with its key, as node:tls takes them (PEM). */
export interface Leaf {
  key: string;
  cert: string;
}

const dayMs = 24 * 3600 * 1000;
const caDays = 3650;
/** Apple's clients refuse server certificates of more than 825 days, browsers of more than 398. */
const leafDays = 397;
/** Far more hosts than are used at a time; a wildcard's are without end. */
const mostLeaves = 500;
// P-256: taken by every client from TLS 1.0 on, and signing costs a tenth of RSA, which 10,000 terminals notice.
const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

x509.cryptoProvider.set(webcrypto);

/**
 * The sandbox's certificate authority. Its key and certificate stay in the sandbox's folder, so clients trust it
 * once; the hosts' certificates are made on demand, and the last ones live in memory.
 */
export class CertificateAuthority {
  /** Path of the CA's certificate (PEM): what NODE_EXTRA_CA_CERTS and REQUESTS_CA_BUNDLE point to. */
  readonly caFile: string;
  private readonly keys: webcrypto.CryptoKeyPair;
  private readonly cert: x509.X509Certificate;
  private readonly leafKeys: webcrypto.CryptoKeyPair;
  private readonly leafKeyPem: string;
  private readonly leaves = new RecentlyUsed<Leaf>(mostLeaves);

  private constructor(
    caFile: string,
    keys: webcrypto.CryptoKeyPair,
    cert: x509.X509Certificate,
    leafKeys: webcrypto.CryptoKeyPair,
    leafKeyPem: string,
  ) {
    this.caFile = caFile;
    this.keys = keys;
    this.cert = cert;
    this.leafKeys = leafKeys;
    this.leafKeyPem = leafKeyPem;
  }

  /**
   * Opens the authority that `dir` keeps (ca.pem, and ca.key with mode 600), or founds a new one there, valid ten
   * years.
   */
  static async open(dir: string): Promise<CertificateAuthority> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const caFile = join(dir, "ca.pem");
    const { keys, cert } = (await load(dir)) ?? (await found(dir));
    const leafKeys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
    const leafKeyPem = pem(await toKeyObject(leafKeys.privateKey));
    return new CertificateAuthority(caFile, keys, cert, leafKeys, leafKeyPem);
  }

  /** The CA's certificate itself (PEM). */
  get pem(): string {
    return this.cert.toString("pem");
  }

  /** The certificate of a host, with the host as its only subject alternative name. */
  leaf(host: string): Promise<Leaf> {
    return this.leaves.get(host, () => this.issue(host));
  }

  private async issue(host: string): Promise<Leaf> {
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      // A common name holds 64 characters at most; clients go by the alternative name.
      subject: [{ CN: [host.slice(0, 64)] }],
      issuer: this.cert.subject,
      ...validity(leafDays),
      publicKey: this.leafKeys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: keyAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(this.cert.publicKey),
      ],
    });
    return { key: this.leafKeyPem, cert: cert.toString("pem") };
  }
}

async function load(dir: string) {
  const key = await readFile(join(dir, "ca.key"), "utf8").catch(missing);
  const certPem = await readFile(join(dir, "ca.pem"), "utf8").catch(missing);
  if (!key || !certPem) return undefined;
  const cert = new x509.X509Certificate(certPem);
  const pkcs8 = createPrivateKey(key).export({ format: "der", type: "pkcs8" });
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, keyAlgorithm, false, ["sign"]);
  const publicKey = (await cert.publicKey.export(keyAlgorithm, ["verify"])) as webcrypto.CryptoKey;
  return { keys: { privateKey, publicKey }, cert };
}

async function found(dir: string) {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    // The name tells two sandboxes apart in a trust store.
    name: [{ CN: [`Terminal fleet sandbox CA ${randomBytes(4).toString("hex")}`] }],
    ...validity(caDays),
    keys: keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // The key first: a certificate without its key would be trusted and useless.
  await writeFile(join(dir, "ca.key"), pem(await toKeyObject(keys.privateKey)), { mode: 0o600 });
  await writeFile(join(dir, "ca.pem"), `${cert.toString("pem")}\n`);
  return { keys, cert };
}

async function toKeyObject(key: webcrypto.CryptoKey): Promise<KeyObject> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

const pem = (key: KeyObject) => key.export({ format: "pem", type: "pkcs8" }) as string;

/** Back-dated a day, for clients whose clocks are behind. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + days * dayMs - dayMs) };
}

/** 16 random bytes, positive as RFC 5280 wants it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
