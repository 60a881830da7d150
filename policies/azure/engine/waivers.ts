/** A rule that resources of the program violate on purpose: a rule of this pack, or one of others. */
export interface Waiver {
  /**
   * Rules that a check runs: of this pack (storage-account-zone-redundant), of checkov (CKV_AZURE_59) and built-in
   * definitions of Azure Policy ("Azure Policy b2982f36"). Each must fail for each of the resources, otherwise the
   * waiver is unused and fails.
   */
  rules: string[];
  /**
   * Rules of others that demand the same and that no check here runs: of PSRule (AZR-…), of checkov for Terraform, of
   * Azure Verified Modules and CIS.
   */
  references?: string[];
  /** Names of the program's resources that violate it. */
  resources: string[];
  /** Stacks in which they violate it, such as dev. Default: every stack. */
  stacks?: string[];
  /** Why the design violates the rule. */
  reason: string;
  /** Who decided it and reviews it: a team, as in the tag `owner`. */
  owner: string;
  /** Last day, as YYYY-MM-DD in UTC, on which the waiver is valid. It is reviewed by then. */
  until: string;
}

/** Whether the last day of a waiver has passed. */
export const isOver = ({ until }: Waiver, now: Date): boolean => new Date(`${until}T23:59:59Z`) < now;

/** Whether a waiver is for a rule on a resource of a stack. */
export const isFor = (waiver: Waiver, rule: string, resource: string, stack: string): boolean =>
  waiver.rules.includes(rule) && isForResource(waiver, resource, stack);

const isForResource = (waiver: Waiver, resource: string, stack: string): boolean =>
  waiver.resources.includes(resource) && (waiver.stacks?.includes(stack) ?? true);

/** A violation that a waiver accepts. */
export interface WaivedViolation {
  rule: string;
  /** Name of the resource. */
  resource: string;
  waiver: Waiver;
}

/** The waivers of one preview or update, and the violations that they accept. */
export class WaiverUse {
  private readonly waivers: Waiver[];
  private readonly accepted = new Map<string, WaivedViolation>();

  private readonly hasUnknownValues: (resource: string) => boolean;

  /** @param hasUnknownValues Whether rules could not read a value of a resource, so that a violation may be missing. */
  constructor(waivers: Waiver[], hasUnknownValues: (resource: string) => boolean) {
    this.waivers = waivers;
    this.hasUnknownValues = hasUnknownValues;
  }

  /**
   * The valid waiver that accepts violations of a rule by a resource; undefined for none. The rule stack-waiver-review
   * reads the answer.
   */
  find(rule: string, urn: string): Waiver | undefined {
    const [resource, stack] = [nameOf(urn), stackOf(urn)];
    const waiver = this.waivers.find(
      (each) => isFor(each, rule, resource, stack) && !isOver(each, new Date()),
    );
    if (waiver) this.accepted.set(`${rule} ${urn}`, { rule, resource, waiver });
    return waiver;
  }

  /** The accepted violations so far, in the order of rules and resources. */
  get violations(): WaivedViolation[] {
    return [...this.accepted]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, violation]) => violation);
  }

  /**
   * The pairs of a rule and a resource in valid waivers that no violation needed. A preview does not decide on a resource with
   * values that it does not know.
   * @param rules Rules that ran.
   * @param urns Resources of the stack.
   */
  findUnused(rules: string[], urns: string[]): { rule: string; urn: string; waiver: Waiver }[] {
    const decided = urns.filter((urn) => !this.hasUnknownValues(nameOf(urn)));
    const now = new Date();
    return decided.flatMap((urn) => {
      const [resource, stack] = [nameOf(urn), stackOf(urn)];
      const waivers = this.waivers.filter(
        (each) => isForResource(each, resource, stack) && !isOver(each, now),
      );
      return rules.flatMap((rule) => {
        const waiver = waivers.find((each) => each.rules.includes(rule));
        return waiver && !this.accepted.has(`${rule} ${urn}`) ? [{ rule, urn, waiver }] : [];
      });
    });
  }
}

/** The last part of a URN: urn:pulumi:STACK::PROJECT::TYPE::NAME. */
const nameOf = (urn: string): string => urn.split("::").at(-1)!;

const stackOf = (urn: string): string => urn.split("::")[0]!.split(":").at(-1)!;
