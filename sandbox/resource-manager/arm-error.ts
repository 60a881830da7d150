import { displayPath, resourceGroupId } from "./resource-ids.ts";

/** An error answer of Azure Resource Manager, with Azure's code. */
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

/** The refusal of a request that is valid in Azure, but asks for a feature that the sandbox does not have. */
export class NotInSandboxError extends ArmError {
  /** @param feature For example "network rules that deny by default". */
  constructor(feature: string) {
    super(400, "NotInSandbox", `The sandbox does not know ${feature}.`);
  }
}

/** The error that Azure returns for an ID without a resource. */
export function notFound(id: string): ArmError {
  const groupId = resourceGroupId(id);
  const group = groupId?.split("/").pop();
  if (groupId === id) {
    return new ArmError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${displayPath(id)}'${group ? ` under resource group '${group}'` : ""} was not found. ` +
      "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  );
}
