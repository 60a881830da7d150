import type { Finding, SourceLine } from "./finding.ts";

/** What happens to a resource in Azure when the change is deployed. */
export const operations = ["deleted", "replaced", "changed", "created"] as const;
export type Operation = (typeof operations)[number];

/** One resource that the change creates, changes, replaces or deletes, compared with the base branch. */
export interface ResourceChange {
  operation: Operation;
  name: string;
  urn: string;
  type: string;
  /** Paths of the properties and options that differ, with their values before and after. */
  differences: { path: string; before: string | null; after: string | null }[];
  /** Why the change needs an acceptance in policies/accepted-changes.yaml; empty when it needs none. */
  consequences: { what: string; explanation: string; isAccepted: boolean }[];
  location?: SourceLine;
}

/** Where the data of a resource rests. */
export interface ResidencyRow {
  name: string;
  type: string;
  region: string;
  /** What personal data rests in it; null for none. */
  personalData: string | null;
  /** Where copies are, and how many. */
  copies: string;
  /** The same row on the base branch where it differs; null for a new resource. Absent when nothing differs. */
  before?: Omit<ResidencyRow, "before"> | null;
}

/** What a resource costs a month, as an estimate from list prices. */
export interface CostRow {
  name: string;
  type: string;
  /** What is paid for, such as "2 units S2". */
  basis: string;
  eur: number;
  nok: number;
  /** Cost on the base branch in EUR. Absent without a base; null for a new resource. */
  eurBefore?: number | null;
}

/** The estimated cost of an environment a month. */
export interface CostTable {
  rows: CostRow[];
  eur: number;
  nok: number;
  /** Total of the base branch in EUR. Absent without a base. */
  eurBefore?: number;
  /** The day of the prices, YYYY-MM-DD. */
  pricesOf: string;
  /** What the estimate assumes and leaves out. */
  assumptions: string[];
}

/** The result for one environment. */
export interface EnvironmentReport {
  name: string;
  /**
   * passed: deployed into the sandbox without a failure. refused: a rule or comparison failed. not deployed: the
   * program failed, so not every rule was checked.
   */
  result: "passed" | "refused" | "not deployed";
  /** Number of resources that the program declares. */
  resources: number;
  /** Absent without a base. The changes that need an acceptance come first. */
  changes?: ResourceChange[];
  residency: ResidencyRow[];
  /** Absent when the environment was not deployed. */
  cost?: CostTable;
}

/** One judge and how much it checked. */
export interface JudgeScore {
  name: string;
  /** Version of the judge, such as checkov's. */
  version?: string;
  /** Number of rules that ran. */
  rules: number;
  passed: number;
  failed: number;
  waived: number;
}

/** The one report of the judge. Everything that is written or printed is a view of it. */
export interface Report {
  /** Version of the format. A later version adds fields and removes none. */
  version: 1;
  verdict: "passed" | "failed";
  /** The commit that the change was compared with; null when there is none. */
  base: { ref: string; commit: string } | null;
  environments: EnvironmentReport[];
  judges: JudgeScore[];
  /** Sorted: failures first, then by severity. */
  findings: Finding[];
}

/** The failures of a report. */
export const failuresOf = ({ findings }: Pick<Report, "findings">): Finding[] =>
  findings.filter(({ level }) => level === "failure");
