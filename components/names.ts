import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString.js";

interface NameRule {
  /** Abbreviation of the Cloud Adoption Framework that starts every name of the kind. */
  prefix: string;
  /** Separator between the parts of a name. */
  separator: "-" | "";
  /** Minimum and maximum length that Azure accepts. */
  length: readonly [minimum: number, maximum: number];
  /** Pattern that Azure accepts, for the whole name. */
  pattern: RegExp;
  /**
   * Whether names end in the stack's suffix: those that must be unique in Azure or in the tenant, and those that Azure
   * keeps for some time after the resource was deleted. A stack that is destroyed and deployed again has a new suffix.
   */
  suffixed: boolean;
}

/**
 * Azure's rules for the names of all resources of the program.
 * Source: "Naming rules and restrictions for Azure resources" (azure-resource-manager/management/
 * resource-name-rules) and, for the prefixes, "Abbreviation recommendations for Azure resources".
 */
export const nameRules = {
  resourceGroup: rule("rg", "-", [1, 90], /^[-\w.()]*[-\w()]$/),
  iotHub: rule("iot", "-", [3, 50], /^[a-z0-9][a-z0-9-]*[a-z0-9]$/, true),
  storageAccount: rule("st", "", [3, 24], /^[a-z0-9]+$/, true),
  apiManagement: rule("apim", "-", [1, 50], /^[a-z]([a-z0-9-]*[a-z0-9])?$/, true),
  // Azure keeps a deleted workspace for 14 days, and a new one with its name would recover the old logs
  // (REST reference, Log Analytics, "Workspaces - Delete").
  logWorkspace: rule("log", "-", [4, 63], /^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/, true),
  applicationInsights: rule("appi", "-", [1, 260], /^[^%&\\?/]*[^%&\\?/ .]$/),
  availabilityTest: rule("webtest", "-", [1, 260], /^[^%&\\?/]*[^%&\\?/ .]$/),
  actionGroup: rule("ag", "-", [1, 260], /^[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]$/),
  alertRule: rule("alert", "-", [1, 260], /^[^*#&+:<>?@%{}\\/]*[^*#&+:<>?@%{}\\/ .]$/),
  role: rule("role", "-", [1, 128], /^[a-z0-9-]+$/, true),
  application: rule("app", "-", [1, 120], /^[a-z0-9-]+$/, true),
} as const satisfies Record<string, NameRule>;

/** A kind of resource with a physical name. */
export type NameKind = keyof typeof nameRules;

/** Length of the suffix. Its 36^6 values make a collision of two stacks unlikely. */
export const suffixLength = 6;

/**
 * A physical name: prefix, purpose, environment and, if the kind has one, the suffix.
 * @throws Error when Azure would reject the name.
 */
export function physicalName(kind: NameKind, purpose: string, environment: string, suffix: string): string {
  const { prefix, separator, length, pattern, suffixed }: NameRule = nameRules[kind];
  const name = [prefix, purpose, environment, ...(suffixed ? [suffix] : [])].join(separator);
  const [minimum, maximum] = length;
  if (name.length < minimum || name.length > maximum || !pattern.test(name)) {
    throw new Error(
      `"${name}" is not a valid name for the kind ${kind}: Azure accepts ${minimum} to ${maximum} characters that match ${pattern}.`,
    );
  }
  return name;
}

/** Arguments of {@link Names}. */
export interface NamesArgs {
  /** The stack's environment: a part of every name. */
  environment: "dev" | "prod";
}

/**
 * The physical names of the stack's resources. Names that must be unique beyond the stack, or that Azure keeps after a
 * deletion, end in a random suffix.
 *
 * @example
 * const names = new Names("names", { environment: "dev" });
 * names.of("storageAccount", "files"); // stfilesdevabc123
 */
export class Names extends pulumi.ComponentResource {
  /** The suffix: six lower-case letters and digits, created with the stack and stored in its state. */
  readonly suffix: pulumi.Output<string>;
  private readonly environment: NamesArgs["environment"];

  constructor(name: string, args: NamesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:Names", name, {}, opts);
    this.environment = args.environment;
    const random = new RandomString(
      `${name}-suffix`,
      { length: suffixLength, lower: true, numeric: true, upper: false, special: false },
      { parent: this },
    );
    this.suffix = random.result;
    this.registerOutputs({ suffix: this.suffix });
  }

  /**
   * The name of one resource. A preview knows it, unless the name has the suffix and the stack is new.
   * @param kind Kind of resource: it sets prefix, separator and limits.
   * @param purpose What the resource is for, such as "files": lower-case letters and digits, with - where the kind
   * allows it.
   */
  of(kind: NameKind, purpose: string): pulumi.Output<string> {
    return nameRules[kind].suffixed
      ? this.suffix.apply((suffix) => physicalName(kind, purpose, this.environment, suffix))
      : pulumi.output(physicalName(kind, purpose, this.environment, ""));
  }
}

function rule(
  prefix: string,
  separator: NameRule["separator"],
  length: NameRule["length"],
  pattern: RegExp,
  suffixed = false,
): NameRule {
  return { prefix, separator, length, pattern, suffixed };
}
