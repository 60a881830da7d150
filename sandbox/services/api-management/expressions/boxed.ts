import type { CsType } from "./types.ts";

/** A boxed value type: the value with its C# type, behind a reference of type object. */
export class Boxed {
  readonly type: CsType;
  readonly value: unknown;

  constructor(type: CsType, value: unknown) {
    this.type = type;
    this.value = value;
  }
}
