import type { ExpressionContext } from "./context.ts";

/** The environment of a running expression. */
export interface Run {
  context: ExpressionContext;
  /** Milliseconds since 1970: DateTime.UtcNow. */
  now(): number;
}

/** One parameter of a method. A bare CsType in its place means required and positional only. */
export interface Parameter {
  type: CsType;
  /** Its name, if callers may pass it by name: As<T>(preserveContent: true). */
  name?: string;
  /** Default value; undefined makes it required. */
  default?: unknown;
  /** Whether it is `params type[]`, which accepts any number of values. */
  params?: boolean;
}

/** One signature of a method, with its implementation. */
export interface Overload {
  parameters: Parameter[];
  /** Result type; for a generic method a function of its type argument. */
  returns: CsType | ((typeArgument: CsType) => CsType);
  /** The type arguments that a generic method accepts; undefined for other methods. */
  typeArguments?: CsType[];
  /** Checks constant arguments when a policy is deployed. An argument that is not constant is undefined. */
  verify?: Verify;
  call(receiver: unknown, values: unknown[], run: Run, typeArgument: CsType): unknown;
}

/** A message body, which the gateway streams unless an expression reads it. */
export type MessagePart = "request body" | "response body";

/** A property or constant, or a method with its overloads. */
export type Member =
  | {
      kind: "property";
      type: CsType;
      /** The body that must be in memory before the property is read. */
      touches?: MessagePart;
      /** Its value if it is a C# constant, such as an enumeration's member. */
      constant?: unknown;
      get(receiver: unknown, run: Run): unknown;
    }
  | { kind: "method"; overloads: Overload[] };

type Kind = "class" | "struct" | "enum" | "static" | "array" | "nullable" | "null";

/** @throws ExpressionProblem when the interpreter does not support an argument. */
export type Verify = (constants: unknown[]) => void;

type Call = (receiver: never, values: never, run: Run, typeArgument: CsType) => unknown;
type Get = (receiver: never, run: Run) => unknown;

/**
 * A C# type with the members that the interpreter supports. Every other member is rejected when a policy is
 * deployed.
 */
export class CsType {
  /** Name in C#, for messages. */
  readonly name: string;
  readonly kind: Kind;
  readonly base: CsType | undefined;
  /** Element type of an array, value type of a nullable. */
  readonly element: CsType | undefined;
  /** Whether a run-time value is of this type. Used for casts from object. */
  readonly holds: (value: unknown) => boolean;
  readonly members = new Map<string, Member>();
  readonly statics = new Map<string, Member>();
  readonly indexers: Overload[] = [];
  readonly constructors: Overload[] = [];

  constructor(
    name: string,
    kind: Kind,
    options: { base?: CsType; element?: CsType; holds?: (value: unknown) => boolean } = {},
  ) {
    this.name = name;
    this.kind = kind;
    this.base = options.base;
    this.element = options.element;
    this.holds = options.holds ?? (() => false);
  }

  /** Whether the type excludes null. */
  get isValueType(): boolean {
    return this.kind === "struct" || this.kind === "enum";
  }

  property(name: string, type: CsType, get: Get, touches?: MessagePart): this {
    this.members.set(name, {
      kind: "property",
      type,
      get: get as () => unknown,
      ...(touches && { touches }),
    });
    return this;
  }

  method(
    name: string,
    parameters: (CsType | Parameter)[],
    returns: CsType,
    call: Call,
    verify?: Verify,
  ): this {
    return add(this.members, this, name, {
      ...overload(parameters, call),
      returns,
      ...(verify && { verify }),
    });
  }

  /** Adds a method with one type argument out of `typeArguments`, explicit or inferred from a parameter of type T. */
  generic(
    name: string,
    typeArguments: CsType[],
    parameters: (CsType | Parameter)[],
    returns: (typeArgument: CsType) => CsType,
    call: Call,
  ): this {
    return add(this.members, this, name, { ...overload(parameters, call), returns, typeArguments });
  }

  /** Adds a static property. */
  shared(name: string, type: CsType, get: (run: Run) => unknown): this {
    this.statics.set(name, { kind: "property", type, get: (_, run) => get(run) });
    return this;
  }

  constant(name: string, type: CsType, value: unknown): this {
    this.statics.set(name, { kind: "property", type, constant: value, get: () => value });
    return this;
  }

  /** Adds a static method. `call` gets no receiver. */
  fn(
    name: string,
    parameters: (CsType | Parameter)[],
    returns: CsType,
    call: (values: never, run: Run) => unknown,
    verify?: Verify,
  ): this {
    const plain: Call = (_, values, run) => call(values, run);
    return add(this.statics, this, name, {
      ...overload(parameters, plain),
      returns,
      ...(verify && { verify }),
    });
  }

  index(parameters: CsType[], returns: CsType, call: Call): this {
    this.indexers.push({ ...overload(parameters, call), returns });
    return this;
  }

  construct(parameters: (CsType | Parameter)[], call: (values: never, run: Run) => unknown): this {
    this.constructors.push({ ...overload(parameters, (_, values, run) => call(values, run)), returns: this });
    return this;
  }

  /** A member of the type or of its base types. */
  find(name: string): Member | undefined {
    return this.members.get(name) ?? this.base?.find(name);
  }
}

function overload(parameters: (CsType | Parameter)[], call: Call) {
  return {
    parameters: parameters.map((parameter) =>
      parameter instanceof CsType ? { type: parameter } : parameter,
    ),
    call: call as Overload["call"],
  };
}

function add<T>(members: Map<string, Member>, self: T, name: string, added: Overload): T {
  const known = members.get(name);
  if (known?.kind === "method") known.overloads.push(added);
  else members.set(name, { kind: "method", overloads: [added] });
  return self;
}

/** An optional parameter. */
export function optional(name: string, type: CsType, value: unknown): Parameter {
  return { name, type, default: value };
}

/** A `params` parameter. */
export function any(type: CsType): Parameter {
  return { type, params: true };
}
