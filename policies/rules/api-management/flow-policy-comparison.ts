import { readFileSync } from "node:fs";
import { findDifference } from "../../azure/engine/policy-difference.ts";
import { parsePolicy } from "../../azure/engine/policy-document.ts";
import type { Value } from "../../azure/engine/value.ts";

const pattern = parsePolicy(
  readFileSync(new URL("../../allowlists/flow-policy.xml", import.meta.url), "utf8"),
);

/** Matches one of these words in any case. */
const oneOf = (...words: string[]) =>
  `(?:${words.join("|").replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)})`;

/** Matches the host of one of Azure's own services. */
const azureHost = `[\\w.-]*\\.${oneOf("azure", "windows", "microsoft", "microsoftonline")}\\.${oneOf("com", "net")}(?![\\w-])`;

const placeholders = {
  table: /https:\/\/[a-z0-9]{3,24}\.table\.core\.windows\.net\/[A-Za-z][A-Za-z0-9]{2,62}/,
  backend: /[\w-]+/,
  // With a token for one of Azure's own services, the Flow API could act there as the gateway.
  audience: new RegExp(`(?:api|https)://(?!${azureHost})[A-Za-z0-9][A-Za-z0-9._/-]*`),
  maxRequestBytes: /0|[1-9]\d{0,5}/,
  calls: /6000|[1-5]\d{3}|[1-9]\d{0,2}/,
};

/** The result of comparing an API policy with allowlists/flow-policy.xml. */
export interface FlowPolicyComparison {
  /** The first difference, in one sentence; undefined if there is none. */
  difference?: string;
  /** The values that differ from stack to stack, as far as the comparison came. */
  values: Partial<Record<keyof typeof placeholders, string>>;
}

/** The comparisons of the last policies: several rules compare the same one. */
const comparisons = new Map<string, FlowPolicyComparison>();
const maxComparisons = 100;

export function compareFlowPolicy(policy: Value): FlowPolicyComparison {
  const xml = String(policy ?? "");
  const known = comparisons.get(xml);
  if (known) return known;
  if (comparisons.size >= maxComparisons) comparisons.clear();
  const comparison = compareXml(xml);
  comparisons.set(xml, comparison);
  return comparison;
}

function compareXml(xml: string): FlowPolicyComparison {
  const values: Record<string, string> = {};
  try {
    const actual = parsePolicy(xml);
    const difference =
      actual.name === pattern.name
        ? findDifference(pattern, actual, placeholders, values)
        : `the root element is <${actual.name}>; it must be <${pattern.name}>.`;
    return { difference, values };
  } catch (error) {
    return { difference: `${(error as Error).message}.`, values };
  }
}
