import type { StackRule } from "../engine/rule.ts";

/** Says what a preview passes over; it comes after all other rules, which add to it. */
export const previewRules: StackRule[] = [
  {
    name: "previews-say-what-they-leave",
    reason:
      "A preview that passes has judged what is known by then; what is not must not be taken for passed.",
    remedy:
      "Run `npm run judge`, where every value is known; an update judges them too, each before it is used.",
    sources: ["design: policies"],
    advisory: true,
    checkStack: (_, takeUnjudged) => {
      const left = [...takeUnjudged()].sort(([one], [other]) => one.localeCompare(other));
      if (left.length === 0) return [];
      const said = left.map(([what, names]) => `${what} of ${few([...names])}`);
      return [
        { resource: undefined, problem: `not known in this preview, and not judged: ${said.join("; ")}.` },
      ];
    },
  },
];

/** Up to three names, or their number: the line stays one that is read. */
function few(names: string[]): string {
  return names.length > 3 ? `${names.length} resources` : names.sort().join(", ");
}
