import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString.js";

interface NameRule {
  /** Abbreviation of the Cloud Adoption Framework that every name of the kind starts with. */
  prefix: string;
  /** What joins the parts of a name. */
  separator: "-" | "";
  /** Shortest and longest name that Azure takes. */
  length: readonly [least: number, most: number];
  /** The characters that Azure takes, as a whole. */
  pattern: RegExp;
  /** Names that are unique in all of Azure or in the tenant get the stack's suffix. */
  suffixed: boolean;
}

/**
 * Azure's rules for the names of everything that the program makes.
 * Source: "Naming rules and restrictions for Azure resources" (azure-resource-manager/management/
 * resource-name-rules) and, for the prefixes, "Abbreviation recommendations for Azure resources".
 */
export const nameRules = {
  resourceGroup: rule("rg", "-", [1, 90], /^[-\w.()]*[-\w()]$/),
  iotHub: rule("iot", "-", [3, 50], /^[a-z0-9][a-z0-9-]*[a-z0-9]$/, true),
  storageAccount: rule("st", "", [3, 24], /^[a-z0-9]+$/, true),
  apiManagement: rule("apim", "-", [1, 50], /^[a-z]([a-z0-9-]*[a-z0-9])?$/, true),
  logWorkspace: rule("log", "-", [4, 63], /^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/),
  actionGroup: rule("ag", "-", [1, 260], /^[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]$/),
  alertRule: rule("alert", "-", [1, 260], /^[^*#&+:<>?@%{}\\/]*[^*#&+:<>?@%{}\\/ .]$/),
  role: rule("role", "-", [1, 128], /^[a-z0-9-]+$/, true),
  application: rule("app", "-", [1, 120], /^[a-z0-9-]+$/, true),
} as const satisfies Record<string, NameRule>;

/** A kind of thing that gets a physical name. */
export type NameKind = keyof typeof nameRules;

/** Length of the suffix: 36^6 values are far more than there are stacks to collide with. */
export const suffixLength = 6;

/**
 * A physical name: prefix, purpose, environment and, where the kind needs it, the suffix.
 * @throws Error when Azure would not take it.
 */
export function physicalName(kind: NameKind, purpose: string, environment: string, suffix: string): string {
  const { prefix, separator, length, pattern, suffixed }: NameRule = nameRules[kind];
  const name = [prefix, purpose, environment, ...(suffixed ? [suffix] : [])].join(separator);
  if (name.length < length[0] || name.length > length[1] || !pattern.test(name)) {
    throw new Error(
      `"${name}" is no name for a ${kind}: Azure takes ${length[0]} to ${length[1]} of ${pattern}.`,
    );
  }
  return name;
}

/** Arguments of {@link Names}. */
export interface NamesArgs {
  /** The environment, part of every name: "dev" or "prod". */
  environment: string;
}

/** Gives the stack's physical names. Names that must be unique beyond the stack end in a random suffix. */
export class Names extends pulumi.ComponentResource {
  /** The suffix: lower-case letters and digits, made once and kept in the state. */
  readonly suffix: pulumi.Output<string>;
  private readonly environment: string;

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
   * The name of one thing. It is known in a preview, unless it has the suffix and the stack is new.
   * @param purpose What it is for, such as "files": lower-case letters and digits only.
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
