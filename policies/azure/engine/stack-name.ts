/** The name of the stack in a URN: urn:pulumi:STACK::PROJECT::TYPE::NAME. */
export const stackOf = (urn: string): string => urn.split("::")[0]!.replace(/^urn:pulumi:/, "");
