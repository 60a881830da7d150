import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationSchema } from "./configuration-schema.ts";
import { withAzureRules } from "./rules.ts";

/*
 * Writes the schema beside this file. It runs while the package is packed, and writes into dist/.
 */
writeFileSync(
  join(import.meta.dirname, "configuration.schema.json"),
  `${JSON.stringify(configurationSchema(withAzureRules()), null, 2)}\n`,
);
