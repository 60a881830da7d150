import type { Catalogue } from "../catalogue.ts";
import { lib } from "./lib.ts";
import { nouns } from "./nouns.ts";
import { program } from "./program.ts";

/** All Norwegian words of the command line. */
export const norwegian: Catalogue = {
  texts: {
    ...lib,
    ...program,
  },
  nouns,
};
