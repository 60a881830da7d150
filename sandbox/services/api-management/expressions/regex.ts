import { lowerOf, upperOf } from "./characters.ts";
import { bothCases, classSource, complement, shorthand, wordUnits } from "./regex-class.ts";
import { classAt, escapedUnit, problem, unsupported } from "./regex-syntax.ts";

/** A regular expression that matches as .NET's does. */
export interface DotnetRegex {
  /** Global; every group in it is numbered as JavaScript does. */
  expression: RegExp;
  /** JavaScript's number for each of .NET's, which come in the order unnamed, named, and for each name. */
  groups: Map<string, number>;
  /**
   * Whether a group may match more than once, or match nothing where it need not: .NET keeps what it captured,
   * JavaScript forgets it.
   */
  repeatsGroups: boolean;
}

const anchors = new Map([
  ["^", "^"],
  ["$", "(?=\\n?$)"],
  ["\\A", "^"],
  ["\\Z", "(?=\\n?$)"],
  ["\\z", "$"],
]);

/** Groups that are not run: options, atomic, conditional, balancing and numbered ones, and comments. */
const refusedGroup = /^\(\?(?![:=!]|<[=!]|<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/;

/**
 * A .NET regular expression as a JavaScript one that matches the same units: without the flag u, since . and
 * character classes match single UTF-16 units in .NET; with every class and either case written out.
 * @throws ExpressionProblem for what .NET refuses and for what has no equal here.
 */
export function dotnetRegex(pattern: string, ignoreCase: boolean): DotnetRegex {
  return new Translation(pattern, ignoreCase).result();
}

/** A group whose end is still to come; the whole pattern is the outermost. */
interface OpenGroup {
  /** Whether it only looks ahead or behind. */
  isLook: boolean;
  /** How many groups had begun before it. */
  groups: number;
  /** Whether the alternative that is being read matches one unit at least. */
  consumes: boolean;
  /** Whether an alternative before it may match nothing. */
  mayBeEmpty: boolean;
}

class Translation {
  private readonly pattern: string;
  private readonly ignoreCase: boolean;
  private at = 0;
  private source = "";
  /** What the last piece is for a quantifier: nothing, an anchor, or one that may or does match units. */
  private last: "nothing" | "anchor" | "empty" | "units" = "nothing";
  private readonly open: OpenGroup[] = [{ isLook: false, groups: 0, consumes: false, mayBeEmpty: false }];
  /** The name of each group, or undefined, in the order of their parentheses. */
  private readonly names: (string | undefined)[] = [];
  private repeatsGroups = false;
  /** How many groups had begun before the piece that a quantifier would be for. */
  private groupsBefore = 0;

  constructor(pattern: string, ignoreCase: boolean) {
    this.pattern = pattern;
    this.ignoreCase = ignoreCase;
  }

  result(): DotnetRegex {
    while (this.at < this.pattern.length) this.piece();
    if (this.open.length > 1) throw problem("Not enough )'s.");
    const order = [...this.names.keys()].sort(
      (one, other) => Number(this.names[one] !== undefined) - Number(this.names[other] !== undefined),
    );
    const groups = new Map([["0", 0]]);
    for (const [index, group] of order.entries()) {
      groups.set(String(index + 1), group + 1);
      const name = this.names[group];
      if (name !== undefined) groups.set(name, group + 1);
    }
    return { expression: this.compiled(), groups, repeatsGroups: this.repeatsGroups };
  }

  private compiled(): RegExp {
    try {
      return new RegExp(this.source, "g");
    } catch {
      throw problem("It is too large.");
    }
  }

  private piece(): void {
    const rest = this.pattern.slice(this.at);
    const quantifier = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(rest);
    const anchor = ["^", "$", "\\A", "\\Z", "\\z"].find((each) => rest.startsWith(each));
    const character = rest[0] as string;
    if (quantifier) this.quantifier(quantifier);
    else if (anchor) this.add(anchors.get(anchor) as string, anchor.length, "anchor");
    else if (character === "\\") this.escape(rest);
    else if (character === "(") this.begin(rest);
    else if (character === ")") this.close();
    else if (character === "|") this.alternative();
    else if (character === "[") this.characterClass();
    else if (character === ".") this.add("[^\\n]", 1);
    else this.unit(character.charCodeAt(0), 1);
  }

  private add(source: string, length: number, kind: Translation["last"] = "units"): void {
    this.finishPiece();
    this.groupsBefore = this.names.length;
    this.source += source;
    this.at += length;
    this.last = kind;
  }

  /** Once it is known that no quantifier makes the last piece optional. */
  private finishPiece(): void {
    if (this.last === "units") this.open.at(-1)!.consumes = true;
    this.last = "nothing";
  }

  /** One unit, in both cases when they count alike. */
  private unit(unit: number, length: number): void {
    const text = String.fromCharCode(unit);
    const cases = this.ignoreCase ? new Set([text, lowerOf(text), upperOf(text)]) : [text];
    const codes = [...cases].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
    this.add(codes.length === 1 ? (codes[0] as string) : `[${codes.join("")}]`, length);
  }

  private quantifier([whole, least, comma, most]: RegExpExecArray): void {
    if (this.last === "nothing") throw problem(`Quantifier '${whole}' following nothing, or another one.`);
    if (this.last === "anchor") throw unsupported("quantifier of an anchor", whole);
    // .NET itself does not always match these as they are meant.
    if (this.last === "empty" && whole.length > 1 && whole.endsWith("?")) {
      throw unsupported("lazy quantifier of what may be empty", whole);
    }
    if (most && Number(most) < Number(least)) throw problem("Illegal {x,y} with x > y.");
    const fewest = least === undefined ? Number(whole[0] === "+") : Number(least);
    const greatest = comma === undefined ? least : most || "2";
    const repeats = least === undefined ? whole[0] !== "?" : Number(greatest) > 1;
    const mayBeLost = repeats || (fewest === 0 && this.last === "empty");
    if (mayBeLost && this.names.length > this.groupsBefore) this.repeatsGroups = true;
    if (fewest === 0) this.last = "nothing";
    this.finishPiece();
    this.source += whole;
    this.at += whole.length;
  }

  private escape(rest: string): void {
    const letter = rest[1] ?? "";
    const word = () => classSource(wordUnits());
    const { at } = this;
    if (/[dDwWsS]/.test(letter)) this.add(classSource(shorthand(letter)), 2);
    else if (letter === "b")
      this.add(`(?:(?<=${word()})(?!${word()})|(?<!${word()})(?=${word()}))`, 2, "anchor");
    else if (letter === "B")
      this.add(`(?:(?<=${word()})(?=${word()})|(?<!${word()})(?!${word()}))`, 2, "anchor");
    if (this.at > at) return;
    const { unit, length } = escapedUnit(rest);
    this.unit(unit, length);
  }

  private begin(rest: string): void {
    if (refusedGroup.test(rest)) throw unsupported("grouping construct", rest);
    const special = /^\(\?(?::|<?[=!])/.exec(rest)?.[0];
    const name = /^\(\?[<'](\w+)[>']/.exec(rest);
    const groups = this.names.length;
    if (special === undefined) {
      if (name && this.names.includes(name[1])) throw unsupported("second group of the same name", rest);
      this.names.push(name?.[1]);
    }
    const isLook = special !== undefined && special !== "(?:";
    this.add(special ?? "(", (special ?? name?.[0] ?? "(").length, "nothing");
    this.open.push({ isLook, groups, consumes: false, mayBeEmpty: false });
  }

  private alternative(): void {
    this.add("|", 1, "nothing");
    const group = this.open.at(-1)!;
    group.mayBeEmpty ||= !group.consumes;
    group.consumes = false;
  }

  private close(): void {
    this.finishPiece();
    const group = this.open.pop()!;
    if (this.open.length === 0) throw problem("Too many )'s.");
    const kind = group.mayBeEmpty || !group.consumes ? "empty" : "units";
    this.add(")", 1, group.isLook ? "anchor" : kind);
    this.groupsBefore = group.groups;
  }

  private characterClass(): void {
    const { units, end } = classAt(this.pattern, this.at);
    const cased = this.ignoreCase ? bothCases(units) : units;
    const isNegated = this.pattern[this.at + 1] === "^";
    this.add(classSource(isNegated ? complement(cased) : cased), end - this.at);
  }
}
