import type { BaseProgram, NoBase } from "./base/base-program.ts";
import { createFinding, type Finding } from "./report/finding.ts";

const limit = (rule: string, problem: string, remedy: string, environment?: string): Finding =>
  createFinding({
    judge: "limits",
    rule,
    severity: "low",
    level: "not judged",
    environment,
    problem,
    reason: "A report that names what it did not check cannot be taken for more than it is.",
    remedy,
    sources: [],
  });

/** What no check before a deployment can show, because it is in Azure only. */
const alwaysMissing = [
  limit(
    "azure-only",
    "Only Azure shows whether names are free, whether quotas and the region's capacity suffice, and what other teams changed by hand (drift).",
    "Preview the deployed stack: npm run policy -- --stack STACK.",
  ),
  limit(
    "tenant-only",
    "Only the tenant shows the policies of its administrators, the members of the operators' group and the role assignments that the program does not declare.",
    "Review them in Entra ID and in Azure Policy.",
  ),
  limit(
    "sandbox-only",
    "The sandbox answers as Azure does where docs/sandbox-fidelity.md says so. The backend behind the Flow API is not called.",
    "Deploy to dev before prod.",
  ),
  limit(
    "isolation",
    "The program and the pack had no environment of the reviewer and no network but the sandbox's. This holds for code that uses Node's own functions, and not for native code.",
    "Let the linter's list of imports and a review decide about new packages.",
  ),
];

/** What this run could not judge. */
export function limitsOf(base: BaseProgram | NoBase): Finding[] {
  if ("explanation" in base) {
    return [
      limit(
        "no-base",
        `The change was not compared with a base branch: ${base.explanation}`,
        "Name one with --base REF.",
      ),
      ...alwaysMissing,
    ];
  }
  return [
    ...(base.hasOtherPackages
      ? [
          limit(
            "base-packages",
            "package-lock.json differs from the base branch. The base's program ran with the packages of the change, so a difference that a package makes is not shown.",
            "Review the difference of package-lock.json.",
          ),
        ]
      : []),
    ...(base.hasOtherPack
      ? [
          limit(
            "changed-pack",
            "The change alters the policy pack. Its own rules judged it, and whether a rule still refuses what it did is for the owners of policies/ to review.",
            "Ask the owners in .github/CODEOWNERS.",
          ),
        ]
      : []),
    ...alwaysMissing,
  ];
}
