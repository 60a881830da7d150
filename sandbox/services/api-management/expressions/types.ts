import type { ExpressionContext } from "./context.ts";

/** What a running expression can reach. */
export interface Run {
  context: ExpressionContext;
  /** Milliseconds since 1970: DateTime.UtcNow. */
  now(): number;
}

/** One parameter of a method; a bare type is a required one that cannot be named. */
export interface Parameter {
  type: CsType;
  /** Its name, where callers may use it: As<T>(preserveContent: true). */
  name?: string;
  /** Its value when left out; required when undefined. */
  default?: unknown;
  /** Whether it is `params type[]` and so takes any number of values. */
  params?: boolean;
}

/** One of a method's signatures, with what it does. */
export interface Overload {
  parameters: Parameter[];
  /** Type of the result; a function of the type argument when the method is generic. */
  returns: CsType | ((typeArgument: CsType) => CsType);
  /** The type arguments that a generic method takes; undefined for others. */
  typeArguments?: CsType[];
  /** Looks, when a policy is deployed, at arguments that must be constants; undefined stands for one that is not. */
  verify?: Verify;
  call(receiver: unknown, values: unknown[], run: Run, typeArgument: CsType): unknown;
}

/** A part of the call that is streamed unless an expression reads it. */
export type MessagePart = "request body" | "response body";

/** A property (or constant) or a method, as its overloads. */
export type Member =
  | {
      kind: "property";
      type: CsType;
      /** Which body has to be in memory before it is read. */
      touches?: MessagePart;
      /** Its value when C# takes it for a constant, as the values of an enumeration. */
      constant?: unknown;
      get(receiver: unknown, run: Run): unknown;
    }
  | { kind: "method"; overloads: Overload[] };

type Kind = "class" | "struct" | "enum" | "static" | "array" | "nullable" | "null";

/** @throws ExpressionProblem when what is run would depend on an argument the interpreter cannot serve. */
export type Verify = (constants: unknown[]) => void;

type Call = (receiver: never, values: never, run: Run, typeArgument: CsType) => unknown;
type Get = (receiver: never, run: Run) => unknown;

/**
 * A C# type with exactly the members that the interpreter runs. Whatever is not declared here is refused when
 * a policy is deployed.
 */
export class CsType {
  /** As C# writes it, for messages. */
  readonly name: string;
  readonly kind: Kind;
  readonly base: CsType | undefined;
  /** Of an array its element, of a nullable its value type. */
  readonly element: CsType | undefined;
  /** Whether a value that is known to be an object is one of these; decides casts from object. */
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

  /** Whether null is not one of its values. */
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

  /** A method with one type argument, which is one of `typeArguments`; it may also follow from a parameter of type T. */
  generic(
    name: string,
    typeArguments: CsType[],
    parameters: (CsType | Parameter)[],
    returns: (typeArgument: CsType) => CsType,
    call: Call,
  ): this {
    return add(this.members, this, name, { ...overload(parameters, call), returns, typeArguments });
  }

  /** A static property. */
  shared(name: string, type: CsType, get: (run: Run) => unknown): this {
    this.statics.set(name, { kind: "property", type, get: (_, run) => get(run) });
    return this;
  }

  constant(name: string, type: CsType, value: unknown): this {
    this.statics.set(name, { kind: "property", type, constant: value, get: () => value });
    return this;
  }

  /** A static method; `call` is given no receiver. */
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

  /** A member of it or of what it derives from. */
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

/** A parameter that may be left out. */
export function optional(name: string, type: CsType, value: unknown): Parameter {
  return { name, type, default: value };
}

/** The last parameter of a method that takes any number of them. */
export function any(type: CsType): Parameter {
  return { type, params: true };
}
