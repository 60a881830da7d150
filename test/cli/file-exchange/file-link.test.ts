import { StorageSharedKeyCredential } from "@azure/storage-blob";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fileLink } from "../../../cli/file-exchange/file-link.ts";

const credential = new StorageSharedKeyCredential("example", Buffer.alloc(64, 1).toString("base64"));
const thirtyDaysMs = 30 * 86_400_000;

test("a file link is for one blob, https only, with least rights, names the policy, and is valid for at most 30 days", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
    .filter((text) => text.isWellFormed() && text.split("/").every((segment) => !/^\.{0,2}$/.test(segment)));
  fc.assert(
    fc.property(
      name,
      fc.constantFrom("download" as const, "upload" as const),
      fc.double({ min: 0.001, max: 30, noNaN: true }),
      fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
      (blob, direction, days, now) => {
        const blobEndpoint = "https://example.blob.core.windows.net/";
        const link = fileLink(credential, {
          blobEndpoint,
          terminal: "example-001",
          policy: "terminal-1",
          name: blob,
          direction,
          days,
          now,
        });
        const url = new URL(link.url);
        const query = Object.fromEntries(url.searchParams);
        expect(decodeURIComponent(url.pathname)).toBe(`/example-001/${blob}`);
        expect(query).toMatchObject({
          sr: "b",
          spr: "https",
          si: "terminal-1",
          sp: direction === "download" ? "r" : "cw",
        });
        const [start, end] = [Date.parse(query.st as string), Date.parse(query.se as string)];
        expect(end - start).toBeGreaterThan(0);
        expect(end - start).toBeLessThanOrEqual(thirtyDaysMs);
        expect(start).toBeLessThan(now);
        expect([link.startsOn.getTime(), link.expiresOn.getTime()]).toEqual([start, end]);
      },
    ),
  );
});

test.each([0, -1, 30.001, Number.NaN, Number.POSITIVE_INFINITY])(
  "a validity of %d days is rejected",
  (days) => {
    const file = {
      blobEndpoint: "https://example.blob.core.windows.net/",
      terminal: "example-001",
      policy: "p",
      name: "a",
    };
    expect(() => fileLink(credential, { ...file, direction: "download", days })).toThrow(RangeError);
  },
);

test.each(["", "/a", "a/", "a//b", "..", "a/../b", "./a", "x".repeat(1025)])(
  "the blob name %j is rejected",
  (name) => {
    const blobEndpoint = "https://example.blob.core.windows.net/";
    expect(() =>
      fileLink(credential, {
        blobEndpoint,
        terminal: "example-001",
        policy: "p",
        name,
        direction: "download",
      }),
    ).toThrow(/is not a valid blob name/);
  },
);
