import "reflect-metadata";
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { LRUCache } from "lru-cache";

/** The certificate and key of a host in PEM, for node:tls. */
export interface Leaf {
  key: string;
  cert: string;
}

const dayMs = 24 * 3600 * 1000;
const caDays = 3650;
/** Apple's clients reject server certificates that are valid for more than 825 days, and browsers more than 398 days. */
const leafDays = 397;
/** Maximum number of cached certificates. The wildcard hosts of the example Flow API have no natural limit. */
const maxLeaves = 500;
// P-256: all clients from TLS 1.0 on support it. Signing needs a tenth of RSA's time, which matters for 10,000 terminals.
const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

x509.cryptoProvider.set(webcrypto);

/**
 * The sandbox's certificate authority. Its key and certificate are in the sandbox's folder, so that clients trust it
 * after a restart too. It issues the certificate of a host on demand, and caches it in memory.
 */
export class CertificateAuthority {
  /** Path of the CA's certificate (PEM), for NODE_EXTRA_CA_CERTS and REQUESTS_CA_BUNDLE. */
  readonly caFile: string;
  private readonly keys: webcrypto.CryptoKeyPair;
  private readonly cert: x509.X509Certificate;
  private readonly leafKeys: webcrypto.CryptoKeyPair;
  private readonly leafKeyPem: string;
  private readonly leaves = new LRUCache<string, Leaf>({
    max: maxLeaves,
    fetchMethod: (host) => this.issue(host),
    // A certificate that is evicted while it is being issued is still returned.
    ignoreFetchAbort: true,
  });

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
   * Opens the authority in `dir` (ca.pem, and ca.key with mode 600), or creates a new one that is valid for ten years.
   */
  static async open(dir: string): Promise<CertificateAuthority> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const caFile = join(dir, "ca.pem");
    const { keys, cert } = (await load(dir)) ?? (await create(dir));
    const leafKeys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
    const leafKeyPem = pem(await toKeyObject(leafKeys.privateKey));
    return new CertificateAuthority(caFile, keys, cert, leafKeys, leafKeyPem);
  }

  /** The CA's certificate (PEM). */
  get pem(): string {
    return this.cert.toString("pem");
  }

  /** Returns the certificate of a host. The host is its only subject alternative name. */
  leaf(host: string): Promise<Leaf> {
    return this.leaves.forceFetch(host);
  }

  private async issue(host: string): Promise<Leaf> {
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: randomSerialNumber(),
      // A common name has at most 64 characters. Clients check the subject alternative name.
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
  const key = await readFile(join(dir, "ca.key"), "utf8").catch(ignoreMissing);
  const certPem = await readFile(join(dir, "ca.pem"), "utf8").catch(ignoreMissing);
  if (!key || !certPem) return undefined;
  const cert = new x509.X509Certificate(certPem);
  const pkcs8 = createPrivateKey(key).export({ format: "der", type: "pkcs8" });
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, keyAlgorithm, false, ["sign"]);
  const publicKey = (await cert.publicKey.export(keyAlgorithm, ["verify"])) as webcrypto.CryptoKey;
  return { keys: { privateKey, publicKey }, cert };
}

async function create(dir: string) {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    // The name distinguishes the sandboxes in a trust store.
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
  // The key is written first: a certificate without its key would be trusted but unusable.
  await writeFile(join(dir, "ca.key"), pem(await toKeyObject(keys.privateKey)), { mode: 0o600 });
  await writeFile(join(dir, "ca.pem"), `${cert.toString("pem")}\n`);
  return { keys, cert };
}

async function toKeyObject(key: webcrypto.CryptoKey): Promise<KeyObject> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

const pem = (key: KeyObject) => key.export({ format: "pem", type: "pkcs8" }) as string;

/** Starts one day in the past, for clients with slow clocks. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + days * dayMs - dayMs) };
}

/** 16 random bytes. RFC 5280 requires a positive number. */
function randomSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
