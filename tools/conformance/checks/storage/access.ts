import { BlobSASPermissions, type SignedIdentifier } from "@azure/storage-blob";
import type { Check, Trial } from "../../check.ts";
import { type Answer, send } from "../../clients/http.ts";
import { outcomeOf } from "../../clients/storage.ts";
import { getOver, getPlain } from "../../clients/tls.ts";
import { sources } from "../sources.ts";

const section = "storage";
const minute = 60_000;

/** Status and code of a GET of a URL. */
async function read(t: Trial, url: string): Promise<[number, string | null]> {
  return outcome(await send(t.target, "GET", url));
}

const outcome = ({ status, headers }: Answer): [number, string | null] => [
  status,
  (headers["x-ms-error-code"] as string | undefined) ?? null,
];

/** Stored access policies with one field each. */
const policies = (...ids: string[]) =>
  ids.map((id) => ({ id, accessPolicy: { permissions: "r" } }) as unknown as SignedIdentifier);

/** SAS, stored access policies, account keys, roles: who can read and write, and what ends it. */
export const accessChecks: Check[] = [
  {
    id: "storage/sas-read",
    section,
    title: "A SAS gives the rights that it names, and no more",
    azure: "200 for a read; 403 `AuthorizationPermissionMismatch` for a write.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const url = storage.link(await storage.container(t.name));
      t.expect("read", await read(t, url), [200, null]);
      const headers = { "x-ms-blob-type": "BlockBlob" };
      const write = await send(t.target, "PUT", url, { headers, body: "x" });
      t.expect("write", outcome(write), [403, "AuthorizationPermissionMismatch"]);
    },
  },
  {
    id: "storage/sas-expired",
    section,
    title: "An expired SAS is refused",
    azure: "403 `AuthenticationFailed`.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const expiresOn = new Date(t.target.now() + minute);
      const url = storage.link(await storage.container(t.name), { expiresOn });
      t.expect("before", await read(t, url), [200, null]);
      await t.target.pass(65, "the SAS expires after 60 s");
      t.expect("after", await read(t, url), [403, "AuthenticationFailed"]);
    },
  },
  {
    id: "storage/sas-not-yet",
    section,
    title: "A SAS before its start is refused",
    azure: "403 `AuthenticationFailed`.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const [startsOn, expiresOn] = [30, 60].map((minutes) => new Date(t.target.now() + minutes * minute));
      const url = storage.link(await storage.container(t.name), { startsOn, expiresOn });
      t.expect("answer", await read(t, url), [403, "AuthenticationFailed"]);
    },
  },
  {
    id: "storage/sas-changed",
    section,
    title: "A SAS whose rights or blob were changed is refused",
    azure: "403 `AuthenticationFailed`: the signature does not fit.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      await container.getBlockBlobClient("other.txt").upload("x", 1);
      const url = storage.link(container);
      t.expect("more rights", await read(t, url.replace("sp=r", "sp=rw")), [403, "AuthenticationFailed"]);
      t.expect("another blob", await read(t, url.replace("hello.txt", "other.txt")), [
        403,
        "AuthenticationFailed",
      ]);
    },
  },
  {
    id: "storage/sas-container",
    section,
    title: "A SAS for a container opens its blobs, and no other container",
    azure: "200 in its container; 403 `AuthenticationFailed` in another.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      await storage.container(`${t.name}-other`);
      const url = storage.link(container, { blobName: undefined });
      t.expect("own container", await read(t, url), [200, null]);
      const other = url.replace(`/${t.name}/`, `/${t.name}-other/`);
      t.expect("other container", await read(t, other), [403, "AuthenticationFailed"]);
    },
  },
  {
    id: "storage/policy-revokes",
    section,
    title: "Deleting a stored access policy ends each SAS that names it",
    azure: "403 `AuthenticationFailed`, up to 30 s after the change.",
    source: sources.storagePolicies,
    known: "documented",
    differs: "At once.",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      await container.setAccessPolicy(undefined, policies("link"));
      const url = storage.link(container, { identifier: "link", permissions: undefined });
      const isOpen = async () => (await read(t, url))[0] === 200;
      t.measure("time until the policy works", await t.until("the policy to work", 60, isOpen));
      await container.setAccessPolicy(undefined, []);
      const isClosed = async () => !(await isOpen());
      t.measure("time until the SAS is refused", await t.until("the SAS to be refused", 60, isClosed));
      t.expect("answer", await read(t, url), [403, "AuthenticationFailed"]);
    },
  },
  {
    id: "storage/policy-expires",
    section,
    title: "A SAS ends with the expiry of its stored access policy",
    azure: "200 before, 403 `AuthenticationFailed` after it.",
    source: sources.storagePolicies,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const expiresOn = new Date(t.target.now() + 2 * minute);
      const policy = { id: "link", accessPolicy: { permissions: "r", expiresOn } };
      await container.setAccessPolicy(undefined, [policy as SignedIdentifier]);
      const own = { identifier: "link", permissions: undefined, expiresOn: undefined };
      const url = storage.link(container, own);
      await t.until("the policy to work", 60, async () => (await read(t, url))[0] === 200);
      await t.target.pass(125, "the stored access policy expires after 120 s");
      t.expect("after", await read(t, url), [403, "AuthenticationFailed"]);
    },
  },
  {
    id: "storage/https-required",
    section,
    title: "An account that requires HTTPS refuses plain HTTP",
    azure: "400 `AccountRequiresHttps`.",
    source: sources.storageHttps,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const answer = await getPlain(t.target, new URL(storage.blobUrl).host, "/?comp=list");
      t.expect("answer", answer ?? "no answer", { status: 400, code: "AccountRequiresHttps" });
    },
  },
  {
    id: "storage/tls-old",
    section,
    title: "An account with the minimum version TLS 1.2 refuses a request over TLS 1.1",
    azure: "400 `TlsVersionNotPermitted`, or a failed handshake where Azure has retired the version.",
    source: sources.storageTls,
    known: "documented",
    differs: "400 after the handshake.",
    async run(t) {
      const url = `${(await t.fixture.account()).blobUrl}?comp=list`;
      const only11 = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" } as const;
      const old = await getOver(t.target, url, only11);
      t.expect("TLS 1.1 is refused", old === undefined || old.status === 400, true);
      const only12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
      t.expect("TLS 1.2", (await getOver(t.target, url, only12))?.version ?? "refused", "TLSv1.2");
    },
  },
  {
    id: "storage/policy-six",
    section,
    title: "A container has five stored access policies at most",
    azure: "400 `InvalidXmlDocument` for six.",
    source: sources.storagePolicies,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      const five = container.setAccessPolicy(undefined, policies("a", "b", "c", "d", "e"));
      t.expect("five", await outcomeOf(five), { status: 200, code: null });
      const six = container.setAccessPolicy(undefined, policies("a", "b", "c", "d", "e", "f"));
      t.expect("six", await outcomeOf(six), { status: 400, code: "InvalidXmlDocument" });
    },
  },
  {
    id: "storage/policy-field-twice",
    section,
    title: "A SAS cannot repeat a field of its stored access policy",
    azure: "403 `AuthenticationFailed` for a SAS and a policy with permissions.",
    source: sources.storagePolicies,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      await container.setAccessPolicy(undefined, policies("link"));
      const once = storage.link(container, { identifier: "link", permissions: undefined });
      await t.until("the policy to work", 60, async () => (await read(t, once))[0] === 200);
      const twice = storage.link(container, { identifier: "link" });
      t.expect("answer", (await read(t, twice))[0], 403);
    },
  },
  {
    id: "storage/anonymous",
    section,
    title: "An account that forbids public access refuses a call without credentials",
    azure: "409 `PublicAccessNotPermitted`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const url = container.getBlobClient("hello.txt").url;
      t.expect("answer", await read(t, url), [409, "PublicAccessNotPermitted"]);
    },
  },
  {
    id: "storage/wrong-key",
    section,
    title: "A request with the signature of a wrong account key is refused",
    azure: "403 `AuthenticationFailed`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const wrong = Buffer.alloc(64, 1).toString("base64");
      const call = storage.blobs(wrong).getContainerClient(t.name).getProperties();
      t.expect("answer", await outcomeOf(call), { status: 403, code: "AuthenticationFailed" });
    },
  },
  {
    id: "storage/entra-role",
    section,
    title: "A principal with a data role reads and writes blobs with its token",
    azure: "201 and 200 with Storage Blob Data Contributor.",
    source: sources.storageEntra,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      await storage.container(t.name);
      const blob = storage.blobsOfPrincipal().getContainerClient(t.name).getBlockBlobClient("a");
      t.expect("upload", await outcomeOf(blob.upload("x", 1)), { status: 200, code: null });
      t.expect("content", (await blob.downloadToBuffer()).toString(), "x");
    },
  },
  {
    id: "storage/entra-owner",
    section,
    title: "An Owner without a data role cannot read blobs with its token",
    azure: "403 `AuthorizationPermissionMismatch`.",
    source: sources.storageEntra,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.changeableAccount();
      await storage.container(t.name);
      const blob = storage.blobsOfPrincipal().getContainerClient(t.name).getBlobClient("hello.txt");
      t.expect("answer", await outcomeOf(blob.download()), {
        status: 403,
        code: "AuthorizationPermissionMismatch",
      });
    },
  },
  {
    id: "storage/keys-regenerated",
    section,
    title: "Regenerating an account key ends each SAS that it signed",
    azure: "403 `AuthenticationFailed`; a SAS of the other key still works.",
    source: sources.storageKeys,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.changeableAccount();
      const { arm } = t.fixture;
      const keys = async () =>
        (await arm.send("POST", `${storage.id}/listKeys`)).json.keys as { keyName: string; value: string }[];
      const container = await storage.container(t.name);
      const [, second] = await keys();
      const url = storage.link(container, {}, second?.value);
      t.expect("before", await read(t, url), [200, null]);
      const body = { keyName: "key2" };
      t.expect("regeneration", (await arm.send("POST", `${storage.id}/regenerateKey`, { body })).status, 200);
      const isClosed = async () => (await read(t, url))[0] === 403;
      t.measure("time until the SAS is refused", await t.until("the SAS to be refused", 300, isClosed));
      t.expect("after", await read(t, url), [403, "AuthenticationFailed"]);
      t.expect("SAS of the other key", await read(t, storage.link(container)), [200, null]);
    },
  },
  {
    id: "storage/shared-key-disabled",
    section,
    title: "An account that forbids account keys refuses them, and each SAS that they signed",
    azure: "403 `KeyBasedAuthenticationNotPermitted`, some time after the change.",
    source: sources.storageSharedKey,
    known: "documented",
    differs: "At once.",
    async run(t) {
      const storage = await t.fixture.changeableAccount();
      const container = await storage.container(t.name);
      const url = storage.link(container);
      const set = async (allowSharedKeyAccess: boolean) =>
        (await t.fixture.arm.send("PATCH", storage.id, { body: { properties: { allowSharedKeyAccess } } }))
          .status;
      t.expect("change", await set(false), 200);
      const isClosed = async () => (await read(t, url))[0] === 403;
      t.measure("time until the SAS is refused", await t.until("the SAS to be refused", 300, isClosed));
      t.expect("SAS", await read(t, url), [403, "KeyBasedAuthenticationNotPermitted"]);
      const call = container.getProperties();
      t.expect("key", await outcomeOf(call), { status: 403, code: "KeyBasedAuthenticationNotPermitted" });
      await set(true);
      await t.until("the key to work again", 300, async () => (await read(t, url))[0] === 200);
    },
  },
  {
    id: "storage/sas-https-only",
    section,
    title: "A SAS for HTTPS can be used with HTTPS",
    azure: "200 with `spr=https`.",
    source: sources.storageSas,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const url = storage.link(container, { protocol: "https" as never });
      t.expect("names the protocol", url.includes("spr=https"), true);
      t.expect("answer", await read(t, url), [200, null]);
    },
  },
  {
    id: "storage/sas-create-only",
    section,
    title: "A SAS with the right to create cannot replace a blob",
    azure: "201 for a new blob; 403 for one that exists.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const permissions = BlobSASPermissions.parse("c");
      const put = (blobName: string) =>
        send(t.target, "PUT", storage.link(container, { blobName, permissions }), {
          headers: { "x-ms-blob-type": "BlockBlob" },
          body: "x",
        });
      t.expect("new blob", (await put("new.txt")).status, 201);
      t.expect("existing blob", (await put("hello.txt")).status, 403);
    },
  },
];
