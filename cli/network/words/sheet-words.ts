import type { Language } from "../../words/language.ts";
import { english } from "./english.ts";
import { norwegian } from "./norwegian.ts";
import type { SheetWords } from "./words.ts";

/** The words of a language. */
export const sheetWords: Record<Language, SheetWords> = { en: english, no: norwegian };
