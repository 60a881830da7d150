/** An answer of Azure Resource Manager that is not success, with the code that Azure gives. */
export class ArmError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** For example ResourceGroupNotFound. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ArmError";
    this.status = status;
    this.code = code;
  }

  /** The body of the answer. */
  get body(): { error: { code: string; message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}

/** What is asked is sound in Azure, but this sandbox does not act it out; refusing beats pretending. */
export class NotInSandboxError extends ArmError {
  constructor(what: string) {
    super(400, "NotInSandbox", `The sandbox does not know ${what}.`);
  }
}
