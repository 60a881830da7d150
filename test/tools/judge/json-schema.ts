import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";

/** The problems of a document according to the JSON schema in a file; none when it is valid. */
export function problemsOf(schemaFile: string, document: unknown): unknown[] {
  // A pattern in SARIF's schema is valid without the flag u only.
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  formats.default(ajv);
  // SARIF's schema has draft 4, whose keyword `id` ajv rejects. It uses nothing else that draft 7 lacks.
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(schemaFile, "utf8"));
  const validate = ajv.compile(schema);
  validate(document);
  return validate.errors ?? [];
}
