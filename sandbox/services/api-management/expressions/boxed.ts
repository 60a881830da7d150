import type { CsType } from "./types.ts";

/** A value type behind a reference of type object, which remembers what it was. */
export class Boxed {
  readonly type: CsType;
  readonly value: unknown;

  constructor(type: CsType, value: unknown) {
    this.type = type;
    this.value = value;
  }
}
