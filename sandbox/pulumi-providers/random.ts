import { randomInt } from "node:crypto";
import { z } from "zod";
import { flag, optional, text, whole } from "../resource-manager/shared-inputs.ts";
import { compare } from "./diff.ts";
import type { CheckRequest, Difference, Properties, Provider, State, Target } from "./provider.ts";
import { unknownFunction, unknownType } from "./provider.ts";
import { validate } from "./validate.ts";
import { isUnknown, unknownValue } from "./wire.ts";

const inputSchema = z.strictObject({
  length: whole.min(1),
  ...optional({
    keepers: z.record(text, text),
    lower: flag,
    minLower: whole.min(0),
    minNumeric: whole.min(0),
    minSpecial: whole.min(0),
    minUpper: whole.min(0),
    number: flag,
    numeric: flag,
    overrideSpecial: text,
    special: flag,
    upper: flag,
  }).shape,
});

const characterClasses = [
  { name: "lower", minimum: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { name: "upper", minimum: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { name: "numeric", minimum: "minNumeric", characters: "0123456789" },
  { name: "special", minimum: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
] as const;

/** RandomString of Pulumi's random provider. The text is created once and stays in the state until an input changes. */
export class Random implements Provider {
  readonly package = "@pulumi/random";

  configure(): void {}

  async check({ token, news }: CheckRequest) {
    requireKnown(token);
    const failures = validate(token, inputSchema, news);
    if (failures.length === 0) failures.push(...findConflicts(complete(news)));
    return { inputs: news, failures };
  }

  diff({ token }: Target, olds: { inputs: Properties }, news: Properties): Difference {
    requireKnown(token);
    const changes = compare(complete(olds.inputs), complete(news), new Set(Object.keys(inputSchema.shape)));
    return { changes, deleteBeforeReplace: false };
  }

  preview({ token }: Target, news: Properties): Properties {
    requireKnown(token);
    return { ...complete(news), result: unknownValue };
  }

  async create({ token }: Target, news: Properties): Promise<State> {
    requireKnown(token);
    const settings = complete(news);
    const result = randomText(settings);
    return { id: result, outputs: { ...settings, result } };
  }

  async update({ token }: Target): Promise<Properties> {
    throw new Error(`${token} cannot be updated: every change replaces it.`);
  }

  /** The resource exists in the state only, so a refresh returns the state. */
  async read({ token }: Target, id: string, olds: { inputs: Properties; outputs: Properties } | undefined) {
    requireKnown(token);
    if (olds) return { id, ...olds };
    const news = { length: id.length };
    return { id, inputs: news, outputs: { ...complete(news), result: id } };
  }

  async delete(): Promise<void> {}

  async invoke(token: string): Promise<Properties> {
    throw unknownFunction(token);
  }
}

function requireKnown(token: string): void {
  if (token !== "random:index/randomString:RandomString") throw unknownType(token);
}

/** The inputs with defaults. */
function complete({ number, ...news }: Properties): Properties {
  // `number` is the older name of `numeric`.
  const numeric = news.numeric ?? number ?? true;
  return {
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    special: true,
    upper: true,
    ...news,
    numeric,
    number: numeric,
  };
}

/** Finds settings that no text can satisfy. */
function findConflicts(settings: Properties): string[] {
  if (Object.values(settings).some(isUnknown)) return [];
  if (!characterClasses.some(({ name }) => settings[name])) {
    return ["at least one of 'lower', 'upper', 'numeric' and 'special' must be true"];
  }
  const minimum = characterClasses.reduce((sum, each) => sum + Number(settings[each.minimum]), 0);
  if (Number(settings.length) >= minimum) return [];
  return [
    `'length' must be at least ${minimum}, the sum of 'minLower', 'minUpper', 'minNumeric' and 'minSpecial'`,
  ];
}

/** Draws the minimum of each class, fills up with characters of all classes, and shuffles. */
function randomText(settings: Properties): string {
  const alphabet = ({ name, characters }: (typeof characterClasses)[number]) =>
    name === "special" ? ((settings.overrideSpecial as string | undefined) ?? characters) : characters;
  const pick = (from: string) => from[randomInt(from.length)] as string;
  const text = characterClasses.flatMap((each) =>
    Array.from({ length: Number(settings[each.minimum]) }, () => pick(alphabet(each))),
  );
  const all = characterClasses
    .filter(({ name }) => settings[name])
    .map(alphabet)
    .join("");
  while (text.length < Number(settings.length)) text.push(pick(all));
  for (let index = text.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [text[index], text[other]] = [text[other] as string, text[index] as string];
  }
  return text.join("");
}
