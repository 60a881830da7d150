import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measureTwin, readTwinPatch, type TwinValue } from "@terminal-fleet/sandbox/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { keyOffer } from "../../../../cli/credentials/key-offer.ts";
import {
  acknowledgement,
  fileName,
  newOfferId,
  type Offer,
  offer,
  offerId,
  parseEntries,
} from "../../../../cli/file-exchange/offers/offer.ts";
import { offerStatuses } from "../../../../cli/file-exchange/offers/offer-status.ts";
import { countTwinBytes } from "../../../../cli/file-exchange/offers/twin-size.ts";

const digest = Buffer.alloc(32, 7).toString("base64");
const download: Offer = {
  direction: "download",
  name: "employees.csv",
  url: "https://example.blob.core.windows.net/example-001/to-terminal/0/employees.csv?sig=x",
  size: 12,
  sha256: digest,
  validUntil: "2026-01-31T00:00:00.000Z",
};

/** Valid file names from all of Unicode. */
const names = fc
  .string({ unit: "binary", minLength: 1, maxLength: 120 })
  .filter((name) => fileName.safeParse(name).success);

describe("an offer", () => {
  test("fits into a device twin with any valid name, and is parsed unchanged", () => {
    fc.assert(
      fc.property(names, fc.nat(), (name, size) => {
        const url = `https://example.blob.core.windows.net/${"x".repeat(63)}/to-terminal/${"0".repeat(32)}/${"0".repeat(16)}/${encodeURIComponent(name)}?${"s".repeat(400)}`;
        const one = offer.parse({ ...download, name, size, url });
        const id = newOfferId(Date.now());
        const sent = JSON.parse(JSON.stringify({ files: { [id]: one } }));
        expect(() => readTwinPatch("properties.desired", sent)).not.toThrow();
        expect(parseEntries(offer, sent).known.get(id)).toEqual(one);
        expect(countTwinBytes(sent)).toBe(measureTwin(sent as TwinValue));
      }),
    );
  });

  test.each([
    "",
    "a/b",
    "a\\b",
    "..",
    "a.",
    "a ",
    " a",
    "con",
    "CON.txt",
    "lpt1.log",
    "a:b",
    "a?b",
    "tab\there",
    "x".repeat(121),
    "\ud800",
    "é".repeat(121),
  ])("rejects the name %j", (name) => {
    expect(fileName.safeParse(name).success).toBe(false);
  });

  test.each(["employees.csv", "Østfløy 3.txt", ".hidden", "console.log", "a".repeat(120), "文件"])(
    "accepts the name %j",
    (name) => {
      expect(fileName.safeParse(name).success).toBe(true);
    },
  );

  test("has IDs that sort by age and are valid keys of a twin", () => {
    const ids = [1, 1_000_000_000_000, 1_900_000_000_000, 4_000_000_000_000].map(newOfferId);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(offerId.safeParse(id).success).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => newOfferId(0))).size).toBe(1000);
  });
});

test("parseEntries reads any JSON in a twin without an error", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (files) => {
      const { known, unknown } = parseEntries(offer, { files });
      const isSection = typeof files === "object" && files !== null;
      expect(known.size + unknown.length).toBe(isSection ? Object.keys(files).length : 0);
    }),
  );
});

test("countTwinBytes counts a twin's size as the IoT Hub does", () => {
  fc.assert(
    fc.property(
      fc.jsonValue().map((value) => ({ value })),
      (document) => {
        const own = JSON.parse(JSON.stringify(document), (key, value) =>
          value === null || key.startsWith("$") ? undefined : value,
        );
        // The hub does not allow null in arrays.
        fc.pre(!JSON.stringify(document).includes("null"));
        expect(countTwinBytes(own)).toBe(measureTwin(own as TwinValue));
      },
    ),
  );
});

test("an offer's state is the terminal's acknowledgement, or else follows from the link's expiry", () => {
  const now = Date.parse(download.validUntil);
  const [id = "", other = ""] = [newOfferId(1), newOfferId(2)].sort();
  const done = acknowledgement.parse({ state: "done", sha256: digest, size: 12, at: "2026-01-02T00:00:00Z" });
  const failed = acknowledgement.parse({ state: "failed", reason: "missing", at: "2026-01-02T00:00:00Z" });
  const stateOf = (reported: object, at: number) =>
    offerStatuses(
      { properties: { desired: { files: { [id]: download } }, reported: { files: reported } } },
      at,
    )[0]?.state;
  expect(stateOf({}, now - 1)).toBe("waiting");
  expect(stateOf({}, now)).toBe("expired");
  expect(stateOf({ [id]: done }, now)).toBe("done");
  expect(stateOf({ [id]: failed }, now - 1)).toBe("failed");
  expect(stateOf({ [other]: done }, now - 1)).toBe("waiting");
  expect(stateOf({ [id]: { state: "nonsense" } }, now - 1)).toBe("waiting");
});

test("the JSON schemas in docs/terminal-contract.md are those of the code", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/terminal-contract.md"), "utf8");
  const written = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = ""]) => JSON.parse(json));
  const schemas = [offer, acknowledgement, keyOffer].map((schema) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, {
      io: "input",
      // Omits what the format "date-time" and JavaScript's number range imply.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
        if (jsonSchema.type === "integer") delete jsonSchema.maximum;
      },
    });
    return rest;
  });
  expect(written).toEqual(schemas);
});
