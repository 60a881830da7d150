import type { Check, SettingSchema } from "./rule.ts";

type ValuesOf<Schemas extends Record<string, SettingSchema>> = {
  [Name in keyof Schemas]: Schemas[Name]["default"];
};

/** Creates a check whose requirements depend on the rule's settings. A setting that is not configured has its default. */
export const bySettings =
  <Schemas extends Record<string, SettingSchema>>(
    schemas: Schemas,
    createCheck: (values: ValuesOf<Schemas>) => Check,
  ): Check =>
  (resource, configured = {}) =>
    createCheck({ ...defaultsOf(schemas), ...configured } as ValuesOf<Schemas>)(resource, configured);

const defaultsOf = (schemas: Record<string, SettingSchema>) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.default]));

/** A period in whole days, from 1 day on. */
export const days = (description: string, defaultDays: number) =>
  ({ type: "integer", minimum: 1, description, default: defaultDays }) satisfies SettingSchema;

/** A list of different texts, with one at least unless its default is empty. */
export const texts = (description: string, defaultTexts: string[]) =>
  ({
    type: "array",
    items: { type: "string", minLength: 1 },
    minItems: defaultTexts.length > 0 ? 1 : 0,
    uniqueItems: true,
    description,
    default: defaultTexts,
  }) satisfies SettingSchema;
