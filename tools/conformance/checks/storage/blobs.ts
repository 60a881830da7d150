import { BlobSASPermissions, type ContainerClient } from "@azure/storage-blob";
import type { Check } from "../../check.ts";
import { send } from "../../clients/http.ts";
import { outcomeOf } from "../../clients/storage.ts";
import { sources } from "../sources.ts";

const section = "storage";

const namesOf = async (container: ContainerClient, options: object = {}) => {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat(options)) names.push(name);
  return names;
};

/** Containers and blobs: create, refuse, list, delete. */
export const blobChecks: Check[] = [
  {
    id: "storage/container-exists",
    section,
    title: "A container that exists cannot be created again",
    azure: "409 `ContainerAlreadyExists`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      t.expect("answer", await outcomeOf(container.create()), {
        status: 409,
        code: "ContainerAlreadyExists",
      });
    },
  },
  {
    id: "storage/container-missing",
    section,
    title: "A call in a container that does not exist is refused",
    azure: "404 `ContainerNotFound`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const container = (await t.fixture.account()).blobs().getContainerClient(t.name);
      const upload = container.getBlockBlobClient("a").upload("x", 1);
      t.expect("upload", await outcomeOf(upload), { status: 404, code: "ContainerNotFound" });
      t.expect("list", await outcomeOf(namesOf(container)), { status: 404, code: "ContainerNotFound" });
    },
  },
  {
    id: "storage/container-name",
    section,
    title: "A container name has 3 to 63 lower-case letters, digits and single hyphens",
    azure: "400 for `ab`, `Upper` and `a--b`.",
    source: sources.storageNames,
    known: "documented",
    async run(t) {
      const service = (await t.fixture.account()).blobs();
      for (const name of ["ab", "Upper-Case", "two--hyphens"]) {
        const { status } = await outcomeOf(service.getContainerClient(name).create());
        t.expect(name, status, 400);
      }
    },
  },
  {
    id: "storage/container-deleted-name",
    section,
    title: "The name of a deleted container is free after 30 s at the earliest",
    azure: "409 `ContainerBeingDeleted` at first. It takes 30 s at least, longer with many blobs.",
    source: sources.storageDeleteContainer,
    known: "documented",
    differs: "Exactly 30 s. Containers that Resource Manager deletes are free at once.",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      await container.delete();
      const early = await outcomeOf(container.create());
      t.expect("at once", early, { status: 409, code: "ContainerBeingDeleted" });
      await t.target.pass(31, "the name of a deleted container is not free for 30 s");
      const isFree = async () => (await outcomeOf(container.create())).status === 200;
      t.measure("more time until the name is free", await t.until("the name to be free", 300, isFree));
      t.expect("blobs of the new container", await namesOf(container), []);
    },
  },
  {
    id: "storage/blob-missing",
    section,
    title: "A blob that does not exist is refused",
    azure: "404 `BlobNotFound` for a read and a deletion.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlobClient("missing");
      t.expect("read", await outcomeOf(blob.download()), { status: 404, code: "BlobNotFound" });
      t.expect("deletion", await outcomeOf(blob.delete()), { status: 404, code: "BlobNotFound" });
    },
  },
  {
    id: "storage/blob-create-only",
    section,
    title: "An upload that must create refuses to replace a blob",
    azure: "`If-None-Match: *` is a 409 `BlobAlreadyExists`.",
    source: sources.storageConditions,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlockBlobClient("hello.txt");
      const upload = blob.upload("other", 5, { conditions: { ifNoneMatch: "*" } });
      t.expect("answer", await outcomeOf(upload), { status: 409, code: "BlobAlreadyExists" });
      t.expect("content", (await blob.downloadToBuffer()).toString(), "hello");
    },
  },
  {
    id: "storage/blob-stale-etag",
    section,
    title: "An upload with an old ETag is refused",
    azure: "412 `ConditionNotMet`.",
    source: sources.storageConditions,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlockBlobClient("hello.txt");
      const { etag } = await blob.getProperties();
      await blob.upload("second", 6);
      const upload = blob.upload("third", 5, { conditions: { ifMatch: etag } });
      t.expect("answer", await outcomeOf(upload), { status: 412, code: "ConditionNotMet" });
    },
  },
  {
    id: "storage/blob-not-modified",
    section,
    title: "A read with the current ETag gives no content",
    azure: "`If-None-Match` with the ETag is a 304.",
    source: sources.storageConditions,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlobClient("hello.txt");
      const { etag } = await blob.getProperties();
      const read = outcomeOf(blob.download(0, undefined, { conditions: { ifNoneMatch: etag } }));
      t.expect("status", (await read).status, 304);
    },
  },
  {
    id: "storage/blob-range",
    section,
    title: "A range gives a part of a blob, and a range behind its end is refused",
    azure: "206 for `bytes=1-2`; 416 `InvalidRange` for a range that begins at the end.",
    source: sources.storageRange,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const url = storage.link(await storage.container(t.name));
      const read = (range: string) => send(t.target, "GET", url, { headers: { range } });
      const part = await read("bytes=1-2");
      t.expect(
        "bytes 1 to 2",
        [part.status, part.text, part.headers["content-range"]],
        [206, "el", "bytes 1-2/5"],
      );
      const rest = await read("bytes=3-");
      t.expect("from byte 3", [rest.status, rest.text], [206, "lo"]);
      const behind = await read("bytes=5-");
      t.expect("behind the end", [behind.status, behind.headers["x-ms-error-code"]], [416, "InvalidRange"]);
    },
  },
  {
    id: "storage/blob-md5",
    section,
    title: "An upload whose MD5 does not fit is refused",
    azure: "400 `Md5Mismatch`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const permissions = BlobSASPermissions.parse("cw");
      const url = storage.link(container, { blobName: "other", permissions });
      const headers = { "x-ms-blob-type": "BlockBlob", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" };
      const answer = await send(t.target, "PUT", url, { headers, body: "hello" });
      t.expect("answer", [answer.status, answer.headers["x-ms-error-code"]], [400, "Md5Mismatch"]);
    },
  },
  {
    id: "storage/blob-name-length",
    section,
    title: "A blob name has 1,024 characters at most",
    azure: "201 for 1,024, 400 `OutOfRangeInput` for 1,025.",
    source: sources.storageNames,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      const upload = (length: number) =>
        outcomeOf(container.getBlockBlobClient("a".repeat(length)).upload("x", 1));
      t.expect("1,024", await upload(1024), { status: 200, code: null });
      t.expect("1,025", await upload(1025), { status: 400, code: "OutOfRangeInput" });
    },
  },
  {
    id: "storage/blob-name-control",
    section,
    title: "A blob name has no control characters",
    azure: "400 `InvalidUri` for U+001B and U+0081.",
    source: "https://github.com/Azure/azure-storage-node/issues/385",
    known: "reported",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      for (const name of ["a\u001bb", "a\u0081b"]) {
        const upload = outcomeOf(container.getBlockBlobClient(name).upload("x", 1));
        t.expect(encodeURIComponent(name), await upload, { status: 400, code: "InvalidUri" });
      }
    },
  },
  {
    id: "storage/blob-list",
    section,
    title: "A list shows a new blob at once and a deleted one no more, ordered by name",
    azure: "Lists of blobs are consistent; names are ordered by their bytes.",
    source: sources.storageListBlobs,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      for (const name of ["b", "B", "a/1"]) await container.getBlockBlobClient(name).upload("x", 1);
      t.expect("after uploads", await namesOf(container), ["B", "a/1", "b", "hello.txt"]);
      await container.getBlobClient("b").delete();
      t.expect("after a deletion", await namesOf(container), ["B", "a/1", "hello.txt"]);
      t.expect("by prefix", await namesOf(container, { prefix: "a/" }), ["a/1"]);
    },
  },
  {
    id: "storage/blob-list-pages",
    section,
    title: "A list gives pages with a marker, and folders with a delimiter",
    azure: "`maxresults=1` gives one blob and a `NextMarker`; `delimiter=/` gives prefixes.",
    source: sources.storageListBlobs,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      await container.getBlockBlobClient("a/1").upload("x", 1);
      const pages: string[][] = [];
      for await (const page of container.listBlobsFlat().byPage({ maxPageSize: 1 })) {
        pages.push(page.segment.blobItems.map(({ name }) => name));
      }
      t.expect(
        "blobs of the pages",
        pages.filter((page) => page.length > 0),
        [["a/1"], ["hello.txt"]],
      );
      const folders: string[] = [];
      for await (const item of container.listBlobsByHierarchy("/")) folders.push(`${item.kind} ${item.name}`);
      t.expect("folders", folders.sort(), ["blob hello.txt", "prefix a/"]);
    },
  },
  {
    id: "storage/blob-metadata",
    section,
    title: "An upload replaces the metadata of a blob",
    azure: "PUT without metadata removes it.",
    source: sources.storagePutBlob,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlockBlobClient("a");
      await blob.upload("x", 1, { metadata: { site: "hall" } });
      t.expect("first", (await blob.getProperties()).metadata ?? {}, { site: "hall" });
      await blob.upload("y", 1);
      t.expect("second", (await blob.getProperties()).metadata ?? {}, {});
    },
  },
  {
    id: "storage/blob-lease",
    section,
    title: "A leased blob can be changed with its lease only",
    azure: "412 `LeaseIdMissing` without, and 201 with the ID of the lease.",
    source: sources.storageLease,
    known: "documented",
    async run(t) {
      const blob = (await (await t.fixture.account()).container(t.name)).getBlockBlobClient("hello.txt");
      const lease = blob.getBlobLeaseClient();
      const { leaseId } = await lease.acquireLease(15);
      t.expect("without", await outcomeOf(blob.upload("x", 1)), { status: 412, code: "LeaseIdMissing" });
      const upload = blob.upload("x", 1, { conditions: { leaseId } });
      t.expect("with", await outcomeOf(upload), { status: 200, code: null });
      await lease.releaseLease();
    },
  },
  {
    id: "storage/blob-append",
    section,
    title: "An append at another position is refused",
    azure: "412 `AppendPositionConditionNotMet`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      const blob = container.getAppendBlobClient("log");
      await blob.create();
      await blob.appendBlock("one", 3);
      const append = blob.appendBlock("two", 3, { conditions: { appendPosition: 0 } });
      t.expect("answer", await outcomeOf(append), { status: 412, code: "AppendPositionConditionNotMet" });
    },
  },
  {
    id: "storage/blob-type",
    section,
    title: "A block cannot be appended to a block blob",
    azure: "409 `InvalidBlobType`.",
    source: sources.storageErrors,
    known: "documented",
    async run(t) {
      const container = await (await t.fixture.account()).container(t.name);
      const append = container.getAppendBlobClient("hello.txt").appendBlock("x", 1);
      t.expect("answer", await outcomeOf(append), { status: 409, code: "InvalidBlobType" });
    },
  },
  {
    id: "storage/container-both-planes",
    section,
    title: "Resource Manager and the blob endpoint show the same containers",
    azure: "What one creates or deletes, the other shows.",
    source: sources.storageArm,
    known: "documented",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const path = `${storage.id}/blobServices/default/containers/${t.name}`;
      t.expect("made by the blob endpoint", (await t.fixture.arm.send("GET", path)).status, 200);
      t.expect("deletion", (await t.fixture.arm.send("DELETE", path)).status, 200);
      t.expect("exists at the blob endpoint", await container.exists(), false);
    },
  },
  {
    id: "storage/immutable-blob",
    section,
    title: "A blob under a time-based policy cannot be deleted or replaced",
    azure: "409 `BlobImmutableDueToPolicy`; a new blob is accepted.",
    source: sources.storageImmutable,
    known: "documented",
    differs: "A policy cannot be locked. No legal holds.",
    async run(t) {
      const storage = await t.fixture.account();
      const container = await storage.container(t.name);
      const path = `${storage.id}/blobServices/default/containers/${t.name}/immutabilityPolicies/default`;
      const properties = { immutabilityPeriodSinceCreationInDays: 1 };
      const policy = await t.fixture.arm.send("PUT", path, { body: { properties } });
      t.expect("policy", policy.status, 200);
      try {
        const blob = container.getBlockBlobClient("hello.txt");
        const expected = { status: 409, code: "BlobImmutableDueToPolicy" };
        t.expect("deletion", await outcomeOf(blob.delete()), expected);
        t.expect("replacement", await outcomeOf(blob.upload("x", 1)), expected);
        const created = container.getBlockBlobClient("new").upload("x", 1);
        t.expect("new blob", await outcomeOf(created), { status: 200, code: null });
      } finally {
        // With the policy the resource group could not be deleted.
        const headers = { "if-match": String(policy.headers.etag ?? policy.json?.etag) };
        t.expect("end of the policy", (await t.fixture.arm.send("DELETE", path, { headers })).status, 200);
      }
    },
  },
];
