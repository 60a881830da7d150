import { isUtf8 } from "node:buffer";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { ByteArray } from "./arrays.ts";
import { DateTime, dateFormats, TimeSpan } from "./date-time.ts";
import { CsException } from "./exception.ts";
import { ExpressionProblem } from "./grammar.ts";
import { parseBool, parseInt32, parseLong } from "./json-values.ts";
import {
  Bool,
  Byte,
  DateTimeType,
  Double,
  GuidType,
  Int,
  Long,
  ObjectType,
  StringType,
  TimeSpanType,
} from "./primitives.ts";
import { textOf } from "./text.ts";
import { CsType, type Verify } from "./types.ts";
import { Guid } from "./values.ts";

const present = <T>(value: T | null): T => {
  if (value === null) throw new CsException("ArgumentNullException", "Value cannot be null.");
  return value;
};

for (const type of [ObjectType, Bool, Int, Long, Double, Byte]) {
  const text = textOf(type)!;
  type.method("ToString", [], StringType, (value: unknown) => text(value));
}
Bool.fn("Parse", [StringType], Bool, ([text]: [string]) => parseBool(present(text)));
Int.fn("Parse", [StringType], Int, ([text]: [string]) => parseInt32(present(text)));
Long.fn("Parse", [StringType], Long, ([text]: [string]) => parseLong(present(text)));

export const MathType = new CsType("Math", "static")
  .fn("Min", [Int, Int], Int, ([one, other]: number[]) => Math.min(one!, other!))
  .fn("Max", [Int, Int], Int, ([one, other]: number[]) => Math.max(one!, other!));

export const ConvertType = new CsType("Convert", "static")
  .fn("ToBase64String", [ByteArray], StringType, ([bytes]: [Buffer | null]) =>
    present(bytes).toString("base64"),
  )
  .fn("FromBase64String", [StringType], ByteArray, ([text]: [string | null]) => fromBase64(present(text)))
  .fn("ToInt32", [StringType], Int, ([text]: [string | null]) => (text === null ? 0 : parseInt32(text)))
  .fn("ToBoolean", [StringType], Bool, ([text]: [string | null]) => text !== null && parseBool(text));

function fromBase64(text: string): Buffer {
  const packed = text.replace(/[ \t\r\n]/g, "");
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    throw new CsException("FormatException", "The input is not a valid Base-64 string.");
  }
  return Buffer.from(packed, "base64");
}

/** At run time an Encoding is the name of the encoding in Node. */
export const EncodingType = new CsType("Encoding", "class");
EncodingType.shared("UTF8", EncodingType, () => "utf8")
  .shared("ASCII", EncodingType, () => "ascii")
  .method("GetBytes", [StringType], ByteArray, (encoding: string, [text]: [string | null]) =>
    encoding === "utf8"
      ? Buffer.from(present(text), "utf8")
      : Buffer.from(present(text).replace(/[^\0-\x7f]/g, "?"), "ascii"),
  )
  .method("GetString", [ByteArray], StringType, (encoding: string, [bytes]: [Buffer | null]) =>
    encoding === "utf8"
      ? present(bytes).toString("utf8")
      : present(bytes)
          .toString("latin1")
          .replace(/[^\0-\x7f]/g, "?"),
  );

export const BitConverterType = new CsType("BitConverter", "static").fn(
  "ToString",
  [ByteArray],
  StringType,
  ([bytes]: [Buffer | null]) => (present(bytes).toString("hex").toUpperCase().match(/../g) ?? []).join("-"),
);

/** A hash algorithm, for example SHA256, as an object with ComputeHash; .NET Framework has no static HashData. */
function hashAlgorithm(name: string, algorithm: string): CsType {
  const type = new CsType(name, "class");
  return type
    .fn("Create", [], type, () => algorithm)
    .method("ComputeHash", [ByteArray], ByteArray, (_: string, [bytes]: [Buffer | null]) =>
      createHash(algorithm).update(present(bytes)).digest(),
    );
}

export const Sha1Type = hashAlgorithm("SHA1", "sha1");
export const Sha256Type = hashAlgorithm("SHA256", "sha256");
export const Sha512Type = hashAlgorithm("SHA512", "sha512");

/** At run time an HMACSHA256 is its key. */
export const HmacSha256Type = new CsType("HMACSHA256", "class")
  .construct([ByteArray], ([key]: [Buffer | null]) => present(key))
  .method("ComputeHash", [ByteArray], ByteArray, (key: Buffer, [bytes]: [Buffer | null]) =>
    createHmac("sha256", key).update(present(bytes)).digest(),
  );

const reserved = /[!'()*]/g;

export const UriType = new CsType("Uri", "class")
  .fn("EscapeDataString", [StringType], StringType, ([text]: [string | null]) =>
    encodeURIComponent(present(text).toWellFormed()).replace(
      reserved,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  )
  .fn("UnescapeDataString", [StringType], StringType, ([text]: [string | null]) =>
    present(text).replace(/(?:%[0-9a-f]{2})+/gi, unescapedBytes),
  );

/** Decodes escaped bytes as UTF-8. Invalid sequences stay escaped. */
function unescapedBytes(run: string): string {
  const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const piece = bytes.subarray(at, at + length);
    const isText = isUtf8(piece);
    text += isText ? piece.toString() : `%${first.toString(16).toUpperCase()}`;
    at += isText ? length : 1;
  }
  return text;
}

GuidType.fn("NewGuid", [], GuidType, () => new Guid(randomUUID())).method(
  "ToString",
  [],
  StringType,
  (guid: Guid) => guid.text,
);

TimeSpanType.property("TotalSeconds", Double, (span: TimeSpan) => span.totalMilliseconds / 1000).property(
  "TotalMilliseconds",
  Double,
  (span: TimeSpan) => span.totalMilliseconds,
);

const knownFormat: Verify = ([format]) => {
  if (typeof format === "string" && dateFormats.has(format)) return;
  throw new ExpressionProblem(
    `The sandbox supports DateTime.ToString only with one of these constants: ${[...dateFormats.keys()].join(", ")}.`,
  );
};

DateTimeType.shared("UtcNow", DateTimeType, (run) => DateTime.utc(run.now()))
  .method(
    "ToString",
    [StringType],
    StringType,
    (date: DateTime, [format]: [string]) => dateFormats.get(format)!(date),
    knownFormat,
  )
  .method(
    "Subtract",
    [DateTimeType],
    TimeSpanType,
    (date: DateTime, [other]: [DateTime]) => new TimeSpan(date.ticks - other.ticks),
  );
for (const [name, unit] of [
  ["AddSeconds", 1000],
  ["AddMinutes", 60_000],
  ["AddHours", 3_600_000],
  ["AddDays", 86_400_000],
] as const) {
  DateTimeType.method(name, [Double], DateTimeType, (date: DateTime, [count]: [number]) =>
    date.plus(count * unit),
  );
}
