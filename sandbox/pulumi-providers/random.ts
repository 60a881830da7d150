import { randomInt } from "node:crypto";
import { z } from "zod";
import { flag, optional, text, whole } from "../resource-manager/shared-inputs.ts";
import { compare } from "./diff.ts";
import type { CheckRequest, Difference, Properties, Provider, State, Target } from "./provider.ts";
import { unknownFunction, unknownType } from "./provider.ts";
import { validate } from "./validate.ts";
import { isUnknown, unknownValue } from "./wire.ts";

const inputs = z.strictObject({
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

const classes = [
  { name: "lower", least: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { name: "upper", least: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { name: "numeric", least: "minNumeric", characters: "0123456789" },
  { name: "special", least: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
] as const;

/** Serves RandomString of Pulumi's random: drawn once, kept in the state, drawn anew when any input changes. */
export class Random implements Provider {
  readonly package = "@pulumi/random";

  configure(): void {}

  async check({ token, news }: CheckRequest) {
    requireKnown(token);
    const failures = validate(token, inputs, news);
    if (failures.length === 0) failures.push(...impossible(complete(news)));
    return { inputs: news, failures };
  }

  diff({ token }: Target, olds: { inputs: Properties }, news: Properties): Difference {
    requireKnown(token);
    const changes = compare(complete(olds.inputs), complete(news), new Set(Object.keys(inputs.shape)));
    return { changes, deleteBeforeReplace: false };
  }

  preview({ token }: Target, news: Properties): Properties {
    requireKnown(token);
    return { ...complete(news), result: unknownValue };
  }

  async create({ token }: Target, news: Properties): Promise<State> {
    requireKnown(token);
    const settings = complete(news);
    const result = draw(settings);
    return { id: result, outputs: { ...settings, result } };
  }

  async update({ token }: Target): Promise<Properties> {
    throw new Error(`${token} is never changed in place: every change replaces it.`);
  }

  /** Nothing outside the state knows it, so what the state says is so. */
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

function impossible(settings: Properties): string[] {
  if (Object.values(settings).some(isUnknown)) return [];
  if (!classes.some(({ name }) => settings[name])) {
    return ["at least one of 'lower', 'upper', 'numeric' and 'special' must be true"];
  }
  const least = classes.reduce((sum, each) => sum + Number(settings[each.least]), 0);
  if (Number(settings.length) >= least) return [];
  return [
    `'length' must be at least ${least}, the sum of 'minLower', 'minUpper', 'minNumeric' and 'minSpecial'`,
  ];
}

function draw(settings: Properties): string {
  const alphabet = ({ name, characters }: (typeof classes)[number]) =>
    name === "special" ? ((settings.overrideSpecial as string | undefined) ?? characters) : characters;
  const pick = (from: string) => from[randomInt(from.length)] as string;
  const drawn = classes.flatMap((each) =>
    Array.from({ length: Number(settings[each.least]) }, () => pick(alphabet(each))),
  );
  const all = classes
    .filter(({ name }) => settings[name])
    .map(alphabet)
    .join("");
  while (drawn.length < Number(settings.length)) drawn.push(pick(all));
  for (let index = drawn.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [drawn[index], drawn[other]] = [drawn[other] as string, drawn[index] as string];
  }
  return drawn.join("");
}
