import { type CodePage, fromBytes, noByte } from "./code-pages.ts";

/*
 * A list that was saved as CSV (Macintosh), CSV (MS-DOS) or in Windows-1250 shows other characters in place of its
 * letters when it is read as Windows-1252: "Rådhuset" is "RŒdhuset", "R†dhuset". The patterns describe characters at
 * places where a name has a letter and no name has that character.
 */

const l = "\\p{L}";
const notLetter = "(?<![\\p{L}\\p{N}])";

/** Marks that no name has next to a letter. */
const marksInWord = [
  // In Macintosh: ø Ø æ É à ê ë Ü á and others. In MS-DOS: å ç ê ë â í ñ ó and others.
  `[¡¢¤¥¦¨¬¯±¶¸¿×÷ƒˆ˜†‡‰\\ufffd]${l}|${l}[¡¢¤¥¦¨¬¯±¶¸¿×÷ƒˆ˜†‡‰\\ufffd]`,
  // Macintosh æ, before or after a letter.
  `[¾]${l}|${l}[¾]`,
  // Macintosh ß; MS-DOS ú. A section sign and a currency sign precede numbers.
  `${l}[§£]|£\\p{Ll}`,
  // Macintosh Æ and Ä; MS-DOS Ö. Such a sign can follow a word, and not precede one.
  `[®™€]${l}`,
  // MS-DOS é and ä: low quotation marks open a quotation.
  `${l}[‚„]`,
  // MS-DOS ö, ô, æ and ï between two letters.
  `${l}[”“‘‹›]${l}`,
  // Windows-1250: ł and ą.
  `${l}[³¹]${l}`,
];

/**
 * Marks that are a letter of another encoding, if nothing opens or closes the quotation. They are doubtful in a file
 * without any usual letter.
 */
const unpairedMarks: [pattern: string, partner: RegExp][] = [
  // Macintosh Ö, MS-DOS à. An ellipsis follows a word.
  [`${l}…${l}|${notLetter}…${l}`, /…(?!\p{L})/u],
  [`${l}”`, /[“„”«].*”/u],
  [`${l}›`, /‹/u],
  [`${notLetter}›${l}`, /‹/u],
  [`${l}‘`, /[‚‹].*‘/u],
  [`${notLetter}‘${l}`, /’/u],
  [`${notLetter}’${l}{2}`, /‘|’.*’/u],
];

/**
 * Letters of Windows-1252 at places where its languages do not have them: upper case after lower case, and á in German
 * words with ß.
 */
const misplacedLetters = [`\\p{Ll}[ŒŠŽŸ]|${l}[ŒŠŽŸ]\\p{Ll}`, `(?:[Ss]tra|[Gg]ro|[Ww]ei|[Hh]ei|[Ss]chlo)á`];

/**
 * Letters that are usual in no language of Windows-1252, but in names that are written with it. They are doubtful in a
 * file without any usual letter, such as é or ø: consonants at the place of a vowel.
 */
const consonant = "[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]";
const doubtfulLetters = [
  `${consonant}[šž](?![aeiouyAEIOUY])`,
  `${notLetter}[šŽ]${consonant}`,
  // MS-DOS Æ in upper case, where no word is elided.
  `(?<!’.*)[B-DF-HJ-NP-TV-Z]’[B-DF-GJ-NP-TV-Z]\\p{Lu}(?!.*’)`,
];

const always = new RegExp(marksInWord.join("|"), "u");
const unpaired = unpairedMarks.map(([pattern, partner]) => ({ pattern: new RegExp(pattern, "u"), partner }));
const misplaced = new RegExp(misplacedLetters.join("|"), "u");
const doubtful = new RegExp(doubtfulLetters.join("|"), "u");

/**
 * Letters that nearly every list in Windows-1252 has, at least one. In the other encodings their bytes are marks, or
 * letters that are rare in names.
 */
export const usualLetters = /[ÀÂÃÄÅÆÖØÙÚÛÜÞßàâ-ôöø-ÿ]/;

/** How a text was read. */
export interface ReadText {
  /** Whether it was read as Windows-1252. Otherwise only marks are looked for, because all letters are meant. */
  isWindows: boolean;
  /** With `isWindows`: whether the file has a usual letter. */
  hasUsualLetters: boolean;
}

/** Finds a character in place of a letter. @returns Its index; undefined when there is none. */
export function findWrongLetter(text: string, { isWindows, hasUsualLetters }: ReadText): number | undefined {
  if (!/[^\0-\x7f]/.test(text)) return undefined;
  const candidates = [
    always.exec(text),
    ...(isWindows && !hasUsualLetters ? unpaired : []).map(({ pattern, partner }) => {
      const match = pattern.exec(text);
      return match && !partner.test(fieldAround(text, match.index)) ? match : null;
    }),
    ...(isWindows ? [misplaced.exec(text)] : []),
    ...(isWindows && !hasUsualLetters ? [doubtful.exec(text)] : []),
  ];
  const indexes = candidates.flatMap((match) => (match ? [match.index] : []));
  return indexes.length > 0 ? Math.min(...indexes) : undefined;
}

function fieldAround(text: string, at: number): string {
  const start = Math.max(...[";", ",", "\t"].map((delimiter) => text.lastIndexOf(delimiter, at) + 1));
  const ends = [";", ",", "\t"].map((delimiter) => text.indexOf(delimiter, at)).filter((end) => end >= 0);
  return text.slice(start, Math.min(...ends, text.length));
}

const codePages: CodePage[] = ["macintosh", "cp850", "win1250"];
/** Letters by how frequent they are in the names of the countries whose lists are read. */
const weights: [RegExp, number][] = [
  [/[åäöæøÅÄÖÆØ]/, 3],
  [/[éèêëçôüßÉÜ]/, 2],
  [/[^\0-\x7f]/, 1],
];

/**
 * Reads the bytes of a word in the other encodings.
 * @param bytes The word, as characters of Latin-1.
 * @returns The most probable reading; undefined when all have other characters than names have.
 */
export function readOtherwise(bytes: string): { word: string; codePage: CodePage } | undefined {
  if (bytes.includes(noByte)) return undefined;
  const readings = codePages
    .map((codePage) => ({ codePage, word: fromBytes(bytes, codePage) }))
    .filter(({ word }) => isPlausible(word))
    .map((reading) => ({ ...reading, weight: weigh(reading.word) }));
  return readings.sort((a, b) => b.weight - a.weight)[0];
}

function weigh(word: string): number {
  const weightOf = (letter: string) => weights.find(([letters]) => letters.test(letter))?.[1] ?? 0;
  const isName = /^\P{L}*\p{Lu}/u.test(word);
  return Array.from(word, weightOf).reduce((sum, weight) => sum + weight, isName ? 10 : 0);
}

/** Whether a word has only letters, digits and usual marks, and upper case letters at the beginning or everywhere. */
function isPlausible(word: string): boolean {
  return /^[\p{L}\p{Nd}.,:;'’"«»()&/+–-]*$/u.test(word) && !/\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}/u.test(word);
}
