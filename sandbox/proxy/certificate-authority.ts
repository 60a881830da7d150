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
/**
 * Azure's services have certificates with RSA keys: a client with ECDSA suites only must fail here as it does there. Source:
 * iot-hub/iot-hub-tls-support, "IoT Hub presents RSA-keyed server certificates".
 */
const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
/** The algorithm of authorities that an older version has created. Clients trust them, so they stay. */
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

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
  private readonly leaves = new LRUCache<string, Leaf>({
    max: maxLeaves,
    fetchMethod: (host) => this.issue(host),
    // A certificate that is evicted while it is being issued is still returned.
    ignoreFetchAbort: true,
  });

  private constructor(caFile: string, keys: webcrypto.CryptoKeyPair, cert: x509.X509Certificate) {
    this.caFile = caFile;
    this.keys = keys;
    this.cert = cert;
  }

  /**
   * Opens the authority in `dir` (ca.pem, and ca.key with mode 600), or creates a new one that is valid for ten years.
   */
  static async open(dir: string): Promise<CertificateAuthority> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const caFile = join(dir, "ca.pem");
    const { keys, cert } = (await load(dir)) ?? (await create(dir));
    return new CertificateAuthority(caFile, keys, cert);
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
    const leaf = await leafKey();
    const cert = await x509.X509CertificateGenerator.create({
      serialNumber: randomSerialNumber(),
      // A common name has at most 64 characters. Clients check the subject alternative name.
      subject: [{ CN: [host.slice(0, 64)] }],
      issuer: this.cert.subject,
      ...validity(leafDays),
      publicKey: leaf.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: this.keys.privateKey.algorithm.name === ecdsa.name ? ecdsa : rsa,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(this.cert.publicKey),
      ],
    });
    return { key: leaf.privateKeyPem, cert: cert.toString("pem") };
  }
}

interface LeafKey {
  publicKey: webcrypto.CryptoKey;
  privateKeyPem: string;
}

let processLeafKey: Promise<LeafKey> | undefined;

/**
 * The key of all hosts' certificates. It is generated with the first certificate, once a process, because an RSA key needs
 * some 60 ms of computing time.
 */
function leafKey(): Promise<LeafKey> {
  processLeafKey ??= generateKeys().then(async ({ publicKey, privateKey }) => ({
    publicKey,
    privateKeyPem: pem(await toKeyObject(privateKey)),
  }));
  return processLeafKey;
}

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(rsa, true, ["sign", "verify"]);

async function load(dir: string) {
  const key = await readFile(join(dir, "ca.key"), "utf8").catch(ignoreMissing);
  const certPem = await readFile(join(dir, "ca.pem"), "utf8").catch(ignoreMissing);
  if (!key || !certPem) return undefined;
  const cert = new x509.X509Certificate(certPem);
  const keyObject = createPrivateKey(key);
  const algorithm = keyObject.asymmetricKeyType === "ec" ? ecdsa : rsa;
  const pkcs8 = keyObject.export({ format: "der", type: "pkcs8" });
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  const publicKey = (await cert.publicKey.export(algorithm, ["verify"])) as webcrypto.CryptoKey;
  return { keys: { privateKey, publicKey }, cert };
}

async function create(dir: string) {
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerialNumber(),
    // The name distinguishes the sandboxes in a trust store.
    name: [{ CN: [`Terminal fleet sandbox CA ${randomBytes(4).toString("hex")}`] }],
    ...validity(caDays),
    keys: keys,
    signingAlgorithm: rsa,
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
