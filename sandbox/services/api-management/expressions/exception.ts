/** An exception as .NET throws it; `type` is its class without the namespace. */
export class CsException extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** What .NET throws when a member of null is accessed. */
export function nullReference(): CsException {
  return new CsException("NullReferenceException", "Object reference not set to an instance of an object.");
}
