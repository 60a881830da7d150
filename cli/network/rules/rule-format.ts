import type { Bilingual } from "../endpoint-list.ts";
import type { RuleGroup } from "./rule-groups.ts";

/** Ready rules for one kind of firewall. */
export interface RuleText {
  id: string;
  /** Name of the product. */
  name: string;
  /** Suggested name of a file for them. */
  fileName: string;
  text: string;
  /** What an administrator must know before using them. */
  note: Bilingual;
  /** What read or ran the rules; null: nothing of the vendor did. */
  triedWith: Bilingual | null;
  /** What was checked instead. */
  checked: Bilingual;
  source: string;
}

/** A text that makes rules from the groups of a list. */
export interface RuleFormat extends Omit<RuleText, "text"> {
  render: (groups: RuleGroup[]) => string;
}
