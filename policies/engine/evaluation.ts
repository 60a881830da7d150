import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { knownTypes } from "../allowlists/resource-types.ts";
import type { Declared } from "./rule.ts";
import { isOwn, unversioned } from "./type-tokens.ts";
import { type Properties, toPlainValue } from "./value.ts";

/** Names of resources, by the property, or "outputs", that a rule wanted to read and a preview does not know yet. */
export type Unjudged = Map<string, Set<string>>;

/**
 * What one preview or update has shown of the program. The engine shows each resource on its own, as it is asked
 * for; and all of them at the end, by what came of them: there, Azure's own properties have taken the place of
 * what was asked for. Rules are about what is asked for, so that is kept until the end.
 */
export class Evaluation {
  private readonly asked = new Map<string, Properties>();
  private unjudged: Unjudged = new Map();
  private readonly leftOut = new Set<string>();

  /** A resource as the engine shows it on its own; what it is made from is not told then. */
  single({ type, name, urn, props }: ResourceValidationArgs): Declared {
    const properties = this.read(type, name, props);
    const isLeftOut = isMade(type) && Object.keys(properties).length === 0;
    this.leftOut[isLeftOut ? "add" : "delete"](urn);
    this.asked.set(urn, properties);
    return { type: unversioned(type), name, urn, properties, isLeftOut, madeFrom: () => [] };
  }

  /** A resource as the engine shows it with all others. */
  together({ type, name, urn, props, propertyDependencies }: PolicyResource): Declared {
    const asked = isOwn(type) ? undefined : this.asked.get(urn);
    return {
      type: unversioned(type),
      name,
      urn,
      properties: asked ?? this.read(type, name, props),
      isLeftOut: false,
      madeFrom: (property) => (propertyDependencies[property] ?? []).map((source) => source.urn),
    };
  }

  /** Whether something is left out that is not made yet, so that there is no whole stack to judge. */
  get isOfAPart(): boolean {
    return this.leftOut.size > 0;
  }

  /** Whether the program declares it. What it only reads some engines show too, and it is not the stack's own. */
  isAskedFor(urn: string): boolean {
    return this.asked.has(urn);
  }

  /** What rules could not read so far; from here on it is collected anew. */
  takeUnjudged(): Unjudged {
    const taken = this.unjudged;
    this.unjudged = new Map();
    return taken;
  }

  private read(type: string, name: string, props: object): Properties {
    return toPlainValue(props, (path) => {
      const what = isOwn(type) ? "outputs" : path;
      this.unjudged.set(what, (this.unjudged.get(what) ?? new Set()).add(name));
    });
  }
}

/** Whether a type is of what a provider makes, and is known: components and providers may have no properties. */
const isMade = (type: string) => Boolean(knownTypes[unversioned(type)]) && !type.startsWith("pulumi:");
