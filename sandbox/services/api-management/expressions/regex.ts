import { lowerOf, upperOf } from "./characters.ts";
import { bothCases, classSource, complement, shorthand, wordUnits } from "./regex-class.ts";
import { classAt, escapedUnit, problem, unsupported } from "./regex-syntax.ts";

/** A compiled regular expression with .NET semantics. */
export interface DotnetRegex {
  /** The JavaScript expression, with the flag g. Its groups have JavaScript's numbers. */
  expression: RegExp;
  /** JavaScript's group number by .NET's number (unnamed groups first, then named ones) and by name. */
  groups: Map<string, number>;
  /**
   * Whether a group can match repeatedly, or can match the empty string: .NET keeps the last capture in these
   * cases, JavaScript resets it.
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

/** Unsupported groups: options, atomic, conditional, balancing and numbered groups, and comments. */
const refusedGroup = /^\(\?(?![:=!]|<[=!]|<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/;

/**
 * Translates a .NET regular expression to a JavaScript one that matches the same units. It has no flag u, because
 * in .NET . and character classes match single UTF-16 units; classes and both cases are written out.
 * @throws ExpressionProblem for syntax that .NET rejects or that has no equivalent in JavaScript.
 */
export function dotnetRegex(pattern: string, ignoreCase: boolean): DotnetRegex {
  return new Translation(pattern, ignoreCase).result();
}

/** An open group. The outermost one is the whole pattern. */
interface OpenGroup {
  /** Whether it is a lookahead or lookbehind. */
  isLook: boolean;
  /** Number of groups that opened before it. */
  groups: number;
  /** Whether the current alternative matches at least one unit. */
  consumes: boolean;
  /** Whether an earlier alternative can match the empty string. */
  mayBeEmpty: boolean;
}

class Translation {
  private readonly pattern: string;
  private readonly ignoreCase: boolean;
  private at = 0;
  private source = "";
  /** What a quantifier would apply to: nothing, an anchor, or a piece that can or must match units. */
  private last: "nothing" | "anchor" | "empty" | "units" = "nothing";
  private readonly open: OpenGroup[] = [{ isLook: false, groups: 0, consumes: false, mayBeEmpty: false }];
  /** The name of each group, or undefined, in the order of the opening parentheses. */
  private readonly names: (string | undefined)[] = [];
  private repeatsGroups = false;
  /** Number of groups that opened before the piece to which a quantifier would apply. */
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

  /** Called when no quantifier can make the last piece optional any more. */
  private finishPiece(): void {
    if (this.last === "units") this.open.at(-1)!.consumes = true;
    this.last = "nothing";
  }

  /** One unit, in both cases when case is ignored. */
  private unit(unit: number, length: number): void {
    const text = String.fromCharCode(unit);
    const cases = this.ignoreCase ? new Set([text, lowerOf(text), upperOf(text)]) : [text];
    const codes = [...cases].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
    this.add(codes.length === 1 ? (codes[0] as string) : `[${codes.join("")}]`, length);
  }

  private quantifier([whole, least, comma, most]: RegExpExecArray): void {
    if (this.last === "nothing") throw problem(`Quantifier '${whole}' following nothing, or another one.`);
    if (this.last === "anchor") throw unsupported("quantifier of an anchor", whole);
    // .NET does not always match these as documented.
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
